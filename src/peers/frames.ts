import { createCipheriv, createDecipheriv, hkdfSync } from "node:crypto";

/**
 * What two servers say to each other over a connection: texts, each sealed by AES-256-GCM under a key for one way of this one
 * connection (HKDF-SHA256, RFC 5869, of the installation's key and a nonce of each side). Who does not have the installation's key can
 * neither read nor write one, nor say again what was said before: the place of each in its order is its nonce.
 */
export interface SealedFrames {
  seal(text: string): Uint8Array;
  /**
   * The texts that are complete with these bytes, which came next.
   *
   * @throws when they were not sealed by the other side, or are too many.
   */
  open(bytes: Uint8Array): string[];
}

/** Bytes that each side says first. */
export const NONCE_BYTES = 32;

const LENGTH_BYTES = 4;
const TAG_BYTES = 16;
/** Some hundreds of leads of the largest kind; and the first, which shows who the other is. */
const LONGEST_FRAME = 256 * 1024 * 1024;
const LONGEST_FIRST = 1024;

/** `side`: which of the two this is. */
export function sealedFrames(
  key: Uint8Array,
  { caller, called }: { caller: Uint8Array; called: Uint8Array },
  side: "caller" | "called",
): SealedFrames {
  const salt = Buffer.concat([caller, called]);
  const keyOf = (way: string) => new Uint8Array(hkdfSync("sha256", key, salt, `leadgate peers ${way} 1`, 32));
  const [own, others] = side === "caller" ? ["from caller", "from called"] : ["from called", "from caller"];
  const [sealing, opening] = [keyOf(own ?? ""), keyOf(others ?? "")];
  let [sealed, opened] = [0, 0];
  let received: Buffer = Buffer.alloc(0);

  function openOne(frame: Buffer): string {
    const decipher = createDecipheriv("aes-256-gcm", opening, nonceOf(opened++));
    const end = frame.length - TAG_BYTES;
    decipher.setAuthTag(frame.subarray(end));
    const text = decipher.update(frame.subarray(0, end), undefined, "utf8");
    return text + decipher.final("utf8");
  }

  return {
    seal(text) {
      const cipher = createCipheriv("aes-256-gcm", sealing, nonceOf(sealed++));
      // GCM keeps nothing back for the end.
      const body = cipher.update(text, "utf8");
      cipher.final();
      const length = Buffer.alloc(LENGTH_BYTES);
      length.writeUInt32BE(body.length + TAG_BYTES);
      return Buffer.concat([length, body, cipher.getAuthTag()]);
    },
    open(bytes) {
      received =
        received.length === 0
          ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
          : Buffer.concat([received, bytes]);
      const texts: string[] = [];
      while (received.length >= LENGTH_BYTES) {
        const length = received.readUInt32BE();
        if (length < TAG_BYTES || length > (opened === 0 ? LONGEST_FIRST : LONGEST_FRAME))
          throw new Error("a frame of that length is none");
        if (received.length < LENGTH_BYTES + length) break;
        texts.push(openOne(received.subarray(LENGTH_BYTES, LENGTH_BYTES + length)));
        received = received.subarray(LENGTH_BYTES + length);
      }
      return texts;
    },
  };
}

function nonceOf(count: number): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeBigUInt64BE(BigInt(count), 4);
  return nonce;
}
