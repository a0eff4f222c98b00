import { seal, unseal } from "./sealed-secret.ts";
import { hideSecrets, type Piece } from "./secret-parts.ts";

/** A text with secrets in it as it is stored: as it is shown, and the whole of it sealed under the master key. */
export interface SealedText {
  readonly shown: string;
  readonly sealed: string;
}

/** A URL or a header's value as it is stored. */
export type StoredText = string | SealedText;

/** The text as anybody may see it, with `***` in the place of each secret. */
export function shownText(text: StoredText): string {
  return typeof text === "string" ? text : text.shown;
}

/** The whole text. Throws when it was sealed under another key or for another recipient. */
export function openText(text: StoredText, recipient: string, key: Uint8Array): string {
  return typeof text === "string" ? text : unseal(text.sealed, ownerOf(recipient), key);
}

/** The text as it may be stored: sealed when one of its pieces is a secret. */
export function sealText(pieces: readonly Piece[], recipient: string, key: Uint8Array): StoredText {
  const whole = pieces.map(({ text }) => text).join("");
  if (pieces.every(({ secretOf }) => secretOf === undefined)) return whole;
  return { shown: hideSecrets(pieces), sealed: seal(whole, ownerOf(recipient), key) };
}

/** Signing secrets are sealed for the recipient itself; one must not open as the other. */
function ownerOf(recipient: string): string {
  return `credentials of ${recipient}`;
}
