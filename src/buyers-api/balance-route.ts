import { readAccount } from "#campaigns/account-records.ts";
import { type Route, route } from "#http/route.ts";
import { dataOf, moneyOrNull, named, objectOf, textOrNull, wordOf } from "#http/schema.ts";
import { reply } from "#http/words.ts";
import { readBalances } from "#ledger/balance-records.ts";
import { BALANCES, balancesShown } from "#ledger/balance-words.ts";
import { inCurrency, parseAmount } from "#money/amount.ts";
import type { BuyerParts } from "./parts.ts";

/** What a buyer has left, or owes: what operators see of it. */
export function balanceRoute({ database, buyers }: BuyerParts): Route {
  return route({
    method: "get",
    path: "/api/v1/buyer/balance",
    who: buyers,
    async answer({ context, caller: { buyerId } }) {
      const { account, balances } = await database.read(async (db) => {
        const found = await readAccount(db, "buyer", buyerId);
        return {
          account: found,
          balances: await readBalances(db, "buyer", buyerId, found?.currencies ?? []),
        };
      });
      const billing = account?.billing ?? { mode: "manual" };
      const limit = billing.mode === "credit" ? parseAmount(billing.limit) : undefined;
      const shown = balancesShown(balances);
      const data = {
        billing: billing.mode,
        ...shown,
        credit_limit: limit === undefined ? null : inCurrency(limit, shown.currency),
      };
      return context.json(200, { data });
    },
    words: {
      operation: "getOwnBalance",
      section: "Buyers",
      summary: "Your balance",
      description: "What this buyer has paid in and not yet spent; below zero it owes.",
      replies: {
        200: {
          ...reply("The balance.", dataOf(OWN_BALANCE)),
          examples: {
            balance: {
              summary: "A buyer with a wallet",
              value: {
                data: {
                  billing: "wallet",
                  balance: "460.00",
                  credit_limit: null,
                  currency: "USD",
                  balances: [{ currency: "USD", balance: "460.00" }],
                },
              },
            },
          },
        },
      },
    },
  });
}

const OWN_BALANCE = named(
  "OwnBalance",
  objectOf({
    billing: wordOf(["manual", "wallet", "credit"]),
    balance: { ...moneyOrNull, description: "Null where there are several currencies." },
    credit_limit: moneyOrNull,
    currency: textOrNull,
    balances: BALANCES,
  }),
);
