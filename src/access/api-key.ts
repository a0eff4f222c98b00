/**
 * The form of the keys that are made here: a mark that says whose it is, 32 characters of base 62 from the system's random source (190
 * bits) and six of base 62 that hold the CRC-32 of what stands before them, so that a leaked key can be told from chance offline
 * (the form of GitHub's tokens, https://github.blog/engineering/behind-githubs-new-authentication-token-formats/).
 */

const RANDOM_LENGTH = 32;
const CHECKSUM_LENGTH = 6;
const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** A new key, to be shown once and never kept. */
export function makeKey(mark: string): string {
  const stem = mark + randomText(RANDOM_LENGTH);
  return stem + checksumOf(stem);
}

/** Whether a text has the form and the checksum of a key made with this mark. */
export function hasKeyForm(text: string, mark: string): boolean {
  if (text.length !== mark.length + RANDOM_LENGTH + CHECKSUM_LENGTH || !text.startsWith(mark)) return false;
  return checksumOf(text.slice(0, -CHECKSUM_LENGTH)) === text.slice(-CHECKSUM_LENGTH);
}

/** What is kept of a key: its SHA-256. A key has too much entropy for guessing, so one fast hash suffices. */
export function hashKey(key: string): Uint8Array {
  return Bun.SHA256.hash(key) as Uint8Array;
}

/** The same in hex, as statements take it. */
export function hexHashOf(key: string): string {
  return Buffer.from(hashKey(key)).toString("hex");
}

/** The beginning by which a person tells keys apart: a made key's mark and four more, a sixth of an imported one at most. */
export function prefixOf(key: string, mark: string): string {
  return key.startsWith(mark) ? key.slice(0, mark.length + 4) : key.slice(0, 4);
}

/** Bytes from 248 on are thrown away: 62 goes four times into 248, so each character stays equally likely. */
function randomText(length: number): string {
  let text = "";
  while (text.length < length) {
    for (const byte of crypto.getRandomValues(new Uint8Array(length))) {
      if (byte < 248 && text.length < length) text += ALPHABET[byte % 62];
    }
  }
  return text;
}

function checksumOf(text: string): string {
  let rest = Bun.hash.crc32(text);
  let digits = "";
  for (let place = 0; place < CHECKSUM_LENGTH; place++) {
    digits = ALPHABET[rest % 62] + digits;
    rest = Math.floor(rest / 62);
  }
  return digits;
}
