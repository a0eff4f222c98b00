import type { AdminParts } from "#admin/parts.ts";
import type { AccountHolder } from "#campaigns/account-records.ts";
import type { Route } from "#http/route.ts";
import { notFound } from "#http/words.ts";
import { statementRoute } from "#ledger/statements/statement-route.ts";
import { PARTY_PARAMS, PARTY_PATHS, partyIdIn } from "./money-schemas.ts";

/** What moved a party's balance in a month, or in some days. */
export function statementRoutes(parts: AdminParts): Route[] {
  return [partyStatementRoute("buyer", parts), partyStatementRoute("supplier", parts)];
}

function partyStatementRoute(party: AccountHolder, parts: AdminParts): Route {
  return statementRoute({
    path: `${PARTY_PATHS[party]}/statement`,
    who: parts.operators.read,
    party,
    idOf: (params) => partyIdIn(params),
    parts,
    words: {
      operation: party === "buyer" ? "getBuyerStatement" : "getSupplierStatement",
      section: "Operators",
      summary: `A ${party}'s statement`,
      description: `What moved the ${party}'s balance in a month, or from one day to another: opening balance, lines, closing balance. Days
begin in the time zone of the ${party}. Streamed, however many lines there are.`,
      params: PARTY_PARAMS[party],
      replies: { 404: notFound(party) },
    },
  });
}
