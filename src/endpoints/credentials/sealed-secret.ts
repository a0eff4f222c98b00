import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

/**
 * Closes a secret for storing: AES-256-GCM under `key` (32 bytes, derived from the master key), bound to its owner's id, so that what is
 * stored for one owner does not open for another. The form is `k1.<nonce>.<ciphertext and tag>`, both base64url; `k1` says under which
 * key, so that the master key can one day be changed.
 */
export function seal(plain: string, owner: string, key: Uint8Array): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce).setAAD(boundTo(owner));
  const sealed = Buffer.concat([cipher.update(plain, "utf8"), cipher.final(), cipher.getAuthTag()]);
  return [KEY_ID, nonce.toString("base64url"), sealed.toString("base64url")].join(".");
}

/** What is stored does not open. Says whose it is, and nothing of what it holds. */
export class SecretNotOpened extends Error {
  override readonly name = "SecretNotOpened";

  readonly owner: string;

  constructor(owner: string) {
    super(
      "A stored secret cannot be opened: it was changed, is another owner's, or was stored under another LEADGATE_SECRET.",
    );
    this.owner = owner;
  }
}

/** Opens what `seal` closed. @throws SecretNotOpened when it was changed, is another owner's, or the key is another. */
export function unseal(sealed: string, owner: string, key: Uint8Array): string {
  const [keyId, nonce = "", content = "", ...rest] = sealed.split(".");
  const bytes = Buffer.from(content, "base64url");
  try {
    if (keyId !== KEY_ID || rest.length > 0) throw new RangeError("Another form.");
    const decipher = createDecipheriv(CIPHER, key, Buffer.from(nonce, "base64url"), {
      authTagLength: TAG_BYTES,
    })
      .setAAD(boundTo(owner))
      .setAuthTag(bytes.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(bytes.subarray(0, -TAG_BYTES)), decipher.final()]).toString("utf8");
  } catch {
    throw new SecretNotOpened(owner);
  }
}

const CIPHER = "aes-256-gcm";
const KEY_ID = "k1";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

function boundTo(owner: string): Buffer {
  return Buffer.from(`${KEY_ID}.${owner}`);
}
