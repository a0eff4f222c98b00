import { hasKeyForm, makeKey } from "./api-key.ts";

/** A supplier or a buyer: who may have keys beside the operators. */
export interface Party {
  kind: PartyKind;
  id: string;
}
export type PartyKind = "supplier" | "buyer";

/** The marks of the keys by which they authenticate. */
export const PARTY_MARKS: Readonly<Record<PartyKind, string>> = { supplier: "lg_sup_", buyer: "lg_buyer_" };

/** A new key, to be shown once and never kept. */
export function makePartyKey(kind: PartyKind): string {
  return makeKey(PARTY_MARKS[kind]);
}

/** The mark of the keys that stand in posting URLs. */
export const POSTING_MARK = "lg_url_";

/** A new key of a posting URL, to be shown once and never kept. */
export function makePostingKey(): string {
  return makeKey(POSTING_MARK);
}

export function hasPostingKeyForm(key: string): boolean {
  return hasKeyForm(key, POSTING_MARK);
}

/** Why a key from another system cannot be imported; undefined when it can. */
export function importProblem(secret: unknown): string | undefined {
  if (typeof secret !== "string") return "must be text";
  if (secret.length < 24) return "must have at least 24 characters";
  if (secret.length > 256) return "must have at most 256 characters";
  if (!/^[\x21-\x7e]+$/.test(secret)) return "must be printable ASCII characters without spaces";
  return undefined;
}
