import type { AdminParts } from "#admin/parts.ts";
import { type AccountHolder, readAccount } from "#campaigns/account-records.ts";
import { type Route, route } from "#http/route.ts";
import { dataOf, flag, moneyOrNull, named, objectOf, text, textOrNull, wordOf } from "#http/schema.ts";
import { exampleCall, notFound, reply } from "#http/words.ts";
import { readBalances } from "#ledger/balance-records.ts";
import { BALANCES } from "#ledger/balance-words.ts";
import { balanceAnswer, PARTY_PARAMS, PARTY_PATHS, partyIdIn } from "./money-schemas.ts";

/** What is owed, to whom. */
export function balanceRoutes(parts: AdminParts): Route[] {
  return [partyBalanceRoute("buyer", parts), partyBalanceRoute("supplier", parts)];
}

function partyBalanceRoute(party: AccountHolder, { database, operators }: AdminParts): Route {
  const { summary, description, calls, shape } = WORDS[party];
  return route({
    method: "get",
    path: `${PARTY_PATHS[party]}/balance`,
    who: operators.read,
    async answer({ context, params }) {
      const id = partyIdIn(params);
      const found = await database.read(async (db) => {
        const account = await readAccount(db, party, id);
        return account && { account, balances: await readBalances(db, party, id, account.currencies) };
      });
      if (found === undefined) return context.refuse("not_found", `There is no such ${party}.`);
      return context.json(200, { data: balanceAnswer(found.account, found.balances) });
    },
    words: {
      operation: party === "buyer" ? "getBuyerBalance" : "getSupplierBalance",
      section: "Operators",
      summary,
      description,
      params: PARTY_PARAMS[party],
      calls,
      replies: { 200: reply("The balance.", dataOf(shape)), 404: notFound(party) },
    },
  });
}

const COMMON = { balance: moneyOrNull, currency: textOrNull, balances: BALANCES };
const SEVERAL = { message: { ...text, description: "Only where there are several currencies." } };

const WORDS = {
  buyer: {
    summary: "A buyer's balance",
    description: `What a buyer has paid and not yet spent; below zero it owes, also one that is billed by hand. What a wallet or credit may
spend now is \`spendable\`: the balance less what is reserved while the buyer is being asked.`,
    calls: {
      balance: exampleCall("A buyer on credit that has bought nothing yet", undefined, 200, {
        data: {
          buyer_id: "harbor-law",
          billing: "credit",
          balance: "0.00",
          spendable: "0.00",
          credit_limit: "25000.00",
          low_balance: null,
          is_low: false,
          currency: "USD",
          balances: [{ currency: "USD", balance: "0.00" }],
        },
      }),
    },
    shape: named(
      "Balance",
      objectOf(
        {
          buyer_id: text,
          billing: wordOf(["manual", "wallet", "credit"]),
          spendable: moneyOrNull,
          credit_limit: moneyOrNull,
          low_balance: moneyOrNull,
          is_low: { ...flag, description: "What it may spend, credit included, is below its low_balance." },
          ...COMMON,
        },
        SEVERAL,
      ),
    ),
  },
  supplier: {
    summary: "A supplier's balance",
    description:
      "What a supplier is owed: the payouts of its leads and its costs, less what it was paid. Below zero it was paid ahead.",
    calls: {
      balance: exampleCall("A supplier that has sold nothing yet", undefined, 200, {
        data: {
          supplier_id: "acme-media",
          balance: "0.00",
          currency: "USD",
          balances: [{ currency: "USD", balance: "0.00" }],
        },
      }),
    },
    shape: named("SupplierBalance", objectOf({ supplier_id: text, ...COMMON }, SEVERAL)),
  },
} as const;
