import { createHmac, randomBytes } from "node:crypto";

/** A message to be signed. The same bytes must be sent: serialising again after signing breaks the signature. */
export interface Signing {
  /** The same on every attempt; without a full stop, which is what separates the signed parts. */
  readonly id: string;
  /** Of this attempt, in Unix seconds: receivers refuse what is more than five minutes off their clock. */
  readonly timestampSeconds: number;
  readonly body: string | Uint8Array;
  /** Those in force, newest first, as `makeSecret` makes them; two while one is rotated. */
  readonly secrets: readonly string[];
}

/**
 * The three headers of Standard Webhooks 1.0.0 (standard-webhooks/spec/standard-webhooks.md), symmetric form: `v1,` and the base64
 * HMAC-SHA256 of `id.timestamp.body`, once for each secret. Throws RangeError on an id or time that could be read as another message's,
 * and when a secret is missing or is none.
 */
export function signedHeaders({ id, timestampSeconds, body, secrets }: Signing): Record<string, string> {
  if (!/^[\x21-\x2d\x2f-\x7e]+$/.test(id)) throw new RangeError("A webhook id is ASCII without a full stop.");
  if (!Number.isSafeInteger(timestampSeconds) || timestampSeconds < 0)
    throw new RangeError("A webhook timestamp is in whole seconds.");
  if (secrets.length === 0) throw new RangeError("A webhook needs a secret to be signed with.");
  const signatures = secrets.map((secret) => {
    const hmac = keyedBy(secret).copy().update(`${id}.${timestampSeconds}.`).update(body);
    return `v1,${hmac.digest("base64")}`;
  });
  return {
    "webhook-id": id,
    "webhook-timestamp": String(timestampSeconds),
    "webhook-signature": signatures.join(" "),
  };
}

/**
 * The header for a buyer that moves from a system which signs the body alone: lower-case hex HMAC-SHA256 of the raw body. The key is
 * the secret's text as it was shown, prefix and all, which is what such systems do. It does not say when it was signed, so that a
 * replay goes unnoticed: sent only beside the standard headers.
 */
export function bodySignatureHeader(
  name: string,
  body: string | Uint8Array,
  secret: string,
): Record<string, string> {
  return { [name]: createHmac("sha256", secret).update(body).digest("hex") };
}

/** All headers of a request to an endpoint: its own, as configured, and those that say what is sent and that we sent it. */
export function requestHeaders(
  message: { id: string; contentType: string; signed: string; trace?: string | null },
  endpoint: {
    headers: Readonly<Record<string, string>>;
    legacySignatureHeader: string | null;
    secrets: readonly string[];
  },
  { now, userAgent }: { now: Date; userAgent: string },
): Record<string, string> {
  const { id, contentType, signed: body, trace = null } = message;
  const { headers, legacySignatureHeader, secrets } = endpoint;
  const [newest = ""] = secrets;
  return {
    ...unsignedHeaders(contentType, headers, userAgent),
    ...signedHeaders({ id, timestampSeconds: Math.floor(now.getTime() / 1000), body, secrets }),
    ...(trace === null ? {} : { traceparent: trace }),
    ...(legacySignatureHeader === null ? {} : bodySignatureHeader(legacySignatureHeader, body, newest)),
  };
}

/** The headers of a request to somebody who checks no signature. `headers`: the endpoint's own; `contentType` is empty without a body. */
export function unsignedHeaders(
  contentType: string,
  headers: Readonly<Record<string, string>>,
  userAgent: string,
): Record<string, string> {
  // An endpoint may insist on another name for the same, such as text/xml.
  const namesType = Object.keys(headers).some((name) => name.toLowerCase() === "content-type");
  return {
    "user-agent": userAgent,
    ...headers,
    ...(contentType === "" || namesType ? {} : { "content-type": contentType }),
  };
}

/** A new signing secret: `whsec_` and 32 random bytes in base64. */
export function makeSecret(): string {
  return PREFIX + randomBytes(32).toString("base64");
}

const PREFIX = "whsec_";

const MOST_KEYED = 1_000;
const keyed = new Map<string, Bun.CryptoHasher>();

/** A hash that has taken in the secret's key and nothing else: to do that anew took a quarter of what the headers of a request did. */
function keyedBy(secret: string): Bun.CryptoHasher {
  const known = keyed.get(secret);
  if (known !== undefined) return known;
  if (keyed.size >= MOST_KEYED) keyed.clear();
  const made = new Bun.CryptoHasher("sha256", signingKey(secret));
  keyed.set(secret, made);
  return made;
}

function signingKey(secret: string): Buffer {
  const key = Buffer.from(secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : "", "base64");
  // The specification's range; a shorter key is one that was cut off or mistyped.
  if (key.length < 24 || key.length > 64)
    throw new RangeError("A signing secret is whsec_ and 24 to 64 bytes in base64.");
  return key;
}
