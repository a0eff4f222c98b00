import type { Party, PartyKind } from "#access/party-key.ts";
import { pathParameter } from "#http/words.ts";

/** One kind of those who have keys and portals, and how their routes are called. */
export interface PartyWords {
  kind: PartyKind;
  path: string;
  /** The name in its path that stands for the party. */
  parameter: "supplier" | "id";
  /** Of the demo set-up. */
  example: string;
  /** What operations are called by. */
  name: "Supplier" | "Buyer";
}

export const SUPPLIERS: PartyWords = {
  kind: "supplier",
  path: "/api/v1/admin/suppliers/:supplier",
  parameter: "supplier",
  example: "acme-media",
  name: "Supplier",
};

export const BUYERS: PartyWords = {
  kind: "buyer",
  path: "/api/v1/admin/buyers/:id",
  parameter: "id",
  example: "national-solar",
  name: "Buyer",
};

/** What is said of an id that nobody has. */
export function noSuch({ kind }: PartyWords): string {
  return `There is no such ${kind}.`;
}

/** The party's id in the path, as it is documented. */
export function partyParameter({ kind, parameter, example }: PartyWords) {
  return { [parameter]: pathParameter(`The ${kind}'s id`, example) };
}

/** The party that the path names. */
export function partyIn(params: Readonly<Record<string, string>>, { kind, parameter }: PartyWords): Party {
  return { kind, id: params[parameter] ?? "" };
}
