import { fromFile } from "#backup/file.ts";
import type { ConfigurationDocument } from "#campaigns/document.ts";
import { chunksOf } from "../backup/round-trip.ts";
import { OPERATOR_KEY } from "../support/leadgate.ts";
import { aPersonsLead } from "../support/people.ts";
import type { ToldLead } from "./suppliers.ts";

/** What operators set going that takes a while, beside the load: files of leads, documents tried, people forgotten, backups. */

type Call = (
  method: string,
  path: string,
  body?: unknown,
) => Promise<{ status: number; body: { data?: unknown } } | undefined>;

/** Rows of an imported file. */
const ROWS = 3;
/** Longer than a lead is held for a server that died again and again. */
const PATIENCE_MS = 600_000;
/** Nothing was taken in, or its buyer is being asked: the same row is sent again. */
const IS_FOR_NOW = new Set([409, 503]);

interface ImportedRow {
  readonly http_status: number;
  readonly data?: { id: string; status: string; buyer_id: string | null };
}

/**
 * Imports some leads, and sends them again under the same keys until each was answered, as the command does. Answers what was told, and the
 * phones of these people.
 */
export async function importLeads(
  call: Call,
  campaign: string,
  supplier: string,
): Promise<{ told: ToldLead[]; phones: string[] } | undefined> {
  const rows = Array.from({ length: ROWS }, () => {
    const { body, idempotencyKey } = aPersonsLead({ age: 40 });
    const { flo_campaign_id: _, flo_supplier_id: __, ...lead } = body;
    return { ...lead, idempotency_key: `row ${idempotencyKey}` };
  });
  const path = `/campaigns/${campaign}/suppliers/${supplier}/leads`;
  for (const giveUp = performance.now() + PATIENCE_MS; performance.now() < giveUp; await Bun.sleep(500)) {
    const answer = await call("POST", path, { leads: rows });
    const answered = (answer?.body.data ?? []) as ImportedRow[];
    if (answered.length < ROWS || answered.some(({ http_status }) => IS_FOR_NOW.has(http_status))) continue;
    const told = answered.flatMap(({ data }) =>
      data === undefined ? [] : [{ ...data, campaign, kind: "new" as const, ping: undefined }],
    );
    return { told, phones: rows.map((row) => String((row as { phone?: unknown }).phone)) };
  }
  return undefined;
}

/** Tries a document on what came in today. */
export async function simulate(call: Call, document: ConfigurationDocument): Promise<void> {
  await call("POST", "/simulations", { document, since: new Date(Date.now() - 3_600_000).toISOString() });
}

/** Orders that a person be forgotten: the order's id, when it was heard. */
export async function forget(call: Call, phone: string): Promise<string | undefined> {
  const answer = await call("POST", "/erasures", { phone });
  const data = answer?.body.data as { id?: string } | undefined;
  return answer?.status === 202 ? data?.id : undefined;
}

/** Makes a backup and reads it: what came whole must be whole. Answers what is wrong with it; nothing where its server went away. */
export async function backUp(url: string): Promise<string | undefined> {
  let bytes: Uint8Array;
  try {
    const headers = { authorization: `Bearer ${OPERATOR_KEY}` };
    const response = await fetch(`${url}/api/v1/admin/backup`, { headers, keepalive: false });
    bytes = await response.bytes();
    if (response.status !== 200) return undefined;
  } catch {
    return undefined;
  }
  try {
    for await (const _ of fromFile(chunksOf(bytes), undefined));
    return undefined;
  } catch (error) {
    return `a backup that came whole is not: ${String(error)}`;
  }
}
