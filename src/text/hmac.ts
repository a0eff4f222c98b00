/**
 * HMAC-SHA256 of a text under the installation's pepper, cut to 128 bits and written as a UUID: what people are compared by,
 * without keeping anything from which they could be told. The text begins with what it is for, so that no two uses meet.
 */
export function keyedHash(pepper: Uint8Array, text: string): string {
  const hex = keyedBy(pepper).copy().update(text).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}

const keyed = new WeakMap<Uint8Array, Bun.CryptoHasher>();

/** A hash that has taken in the key and nothing else. To copy it took 0.25 µs, to make one 0.35. */
function keyedBy(pepper: Uint8Array): Bun.CryptoHasher {
  const known = keyed.get(pepper);
  if (known !== undefined) return known;
  const made = new Bun.CryptoHasher("sha256", pepper);
  keyed.set(pepper, made);
  return made;
}
