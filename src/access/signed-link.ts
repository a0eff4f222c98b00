import { timingSafeEqual } from "node:crypto";
import { keyedHash } from "#text/hmac.ts";

/** What a signed link lets its bearer read: a campaign's page as anybody or one supplier sees it, or what one of its buyers receives. */
export interface LinkTarget {
  campaignId: string;
  reader: { kind: "anybody" } | { kind: "supplier" | "buyer"; id: string };
}

/** The address, on this server, of a page that may be opened until `expiresAt` by anyone who has the link. */
export function signedLink(target: LinkTarget, expiresAt: Date, pepper: Uint8Array): string {
  const { campaignId, reader } = target;
  const expires = String(Math.floor(expiresAt.getTime() / 1000));
  const query = new URLSearchParams({
    ...(reader.kind === "buyer" && { campaign: campaignId }),
    ...(reader.kind !== "anybody" && { [reader.kind]: reader.id }),
    expires,
    signature: signatureOf(target, expires, pepper),
  });
  const page = reader.kind === "buyer" ? "webhooks" : `campaigns/${encodeURIComponent(campaignId)}`;
  return `/docs/${page}?${query}`;
}

/** What the query of a signed link still opens; undefined without one, or when it was tampered with or has expired. */
export function linkTarget(
  campaignId: string,
  query: URLSearchParams,
  pepper: Uint8Array,
  now: Date,
): LinkTarget | undefined {
  const [expires, signature] = [query.get("expires") ?? "", query.get("signature") ?? ""];
  if (!/^\d{1,12}$/.test(expires) || Number(expires) * 1000 <= now.getTime()) return undefined;
  const target: LinkTarget = { campaignId, reader: readerIn(query) };
  const expected = Buffer.from(signatureOf(target, expires, pepper));
  const given = Buffer.from(signature);
  return given.length === expected.length && timingSafeEqual(given, expected) ? target : undefined;
}

function readerIn(query: URLSearchParams): LinkTarget["reader"] {
  for (const kind of ["supplier", "buyer"] as const) {
    const id = query.get(kind);
    if (id !== null) return { kind, id };
  }
  return { kind: "anybody" };
}

function signatureOf({ campaignId, reader }: LinkTarget, expires: string, pepper: Uint8Array): string {
  const who = reader.kind === "anybody" ? "anybody" : `${reader.kind}\0${reader.id}`;
  return keyedHash(pepper, `docs link\0${campaignId}\0${who}\0${expires}`);
}
