import type { AdminParts } from "#admin/parts.ts";
import { type AccountHolder, readAccount } from "#campaigns/account-records.ts";
import { type Route, route } from "#http/route.ts";
import {
  count,
  dataOf,
  listOf,
  money,
  named,
  objectOf,
  text,
  textOrNull,
  time,
  timeOrNull,
  wordOf,
} from "#http/schema.ts";
import { notFound, refusalWords, reply } from "#http/words.ts";
import { EVENT_KINDS } from "#ledger/event.ts";
import { answerStatement, STATEMENT_SETTINGS } from "#ledger/statement-route.ts";
import { PARTY_PARAMS, PARTY_PATHS, partyIdIn } from "./money-schemas.ts";

const LONGEST_SECONDS = 240;

/** What moved a party's balance in a month, or in some days. */
export function statementRoutes(parts: AdminParts): Route[] {
  return [statementRoute("buyer", parts), statementRoute("supplier", parts)];
}

function statementRoute(party: AccountHolder, parts: AdminParts): Route {
  const { database, operators } = parts;
  return route({
    method: "get",
    path: `${PARTY_PATHS[party]}/statement`,
    who: operators.read,
    query: STATEMENT_SETTINGS,
    async answer({ context, params, query }) {
      const id = partyIdIn(params);
      const account = await database.read((db) => readAccount(db, party, id));
      if (account === undefined) return context.refuse("not_found", `There is no such ${party}.`);
      context.allowSilence(LONGEST_SECONDS);
      return answerStatement(context, account, query, parts);
    },
    words: {
      operation: party === "buyer" ? "getBuyerStatement" : "getSupplierStatement",
      section: "Operators",
      summary: `A ${party}'s statement`,
      description: `What moved the ${party}'s balance in a month, or from one day to another: opening balance, lines, closing balance. Days
begin in the time zone of the ${party}. Streamed, however many lines there are.`,
      params: PARTY_PARAMS[party],
      replies: {
        200: reply("The statement.", dataOf(STATEMENT)),
        404: notFound(party),
        409: refusalWords("A currency has to be named."),
      },
    },
  });
}

const STATEMENT = named(
  "Statement",
  objectOf(
    {
      name: text,
      currency: textOrNull,
      timezone: text,
      from: time,
      to: time,
      opening_balance: money,
      lines: listOf(
        objectOf({
          day: { type: "string", format: "date" },
          at: { ...timeOrNull, description: "Null where several are together." },
          kind: wordOf(EVENT_KINDS),
          campaign_id: textOrNull,
          count,
          amount: money,
          balance: money,
          sale_id: textOrNull,
          lead_id: textOrNull,
          reference: textOrNull,
          note: textOrNull,
        }),
      ),
      closing_balance: money,
    },
    { buyer_id: text, supplier_id: text },
  ),
);
