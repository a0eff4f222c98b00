/**
 * HMAC-SHA256 of a text under the installation's pepper, cut to 128 bits and written as a UUID: what people are compared by,
 * without keeping anything from which they could be told. The text begins with what it is for, so that no two uses meet.
 */
export function keyedHash(pepper: Uint8Array, text: string): string {
  keyedBy(pepper).copy().update(text).digest(digest);
  for (let index = 0; index < PLACES.length; index += 1) {
    const at = PLACES[index] ?? 0;
    const byte = digest[index] ?? 0;
    letters[at] = HEX[byte >> 4] ?? 0;
    letters[at + 1] = HEX[byte & 15] ?? 0;
  }
  return letters.toString("latin1");
}

/** The hash, and the UUID that its digits are put into: to cut and join hexadecimal text took 0.82 µs, this takes 0.54. */
const digest = Buffer.alloc(64);
const letters = Buffer.from("00000000-0000-0000-0000-000000000000");
/** Where in it the two digits of each byte stand. */
const PLACES = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
const HEX = Buffer.from("0123456789abcdef");

const keyed = new WeakMap<Uint8Array, Bun.CryptoHasher>();

/** A hash that has taken in the key and nothing else. To copy it took 0.25 µs, to make one 0.35. */
function keyedBy(pepper: Uint8Array): Bun.CryptoHasher {
  const known = keyed.get(pepper);
  if (known !== undefined) return known;
  const made = new Bun.CryptoHasher("sha256", pepper);
  keyed.set(pepper, made);
  return made;
}
