import { readBilling } from "#campaigns/billing-records.ts";
import { type Route, route } from "#http/route.ts";
import { dataOf, money, moneyOrNull, named, objectOf, textOrNull, wordOf } from "#http/schema.ts";
import { reply } from "#http/words.ts";
import { readBuyerBalance } from "#ledger/balance-records.ts";
import { type Amount, formatAmount, parseAmount } from "#money/amount.ts";
import type { BuyerParts } from "./parts.ts";

/** What a buyer has left, or owes: what operators see of it. */
export function balanceRoute({ database, buyers }: BuyerParts): Route {
  return route({
    method: "get",
    path: "/api/v1/buyer/balance",
    who: buyers,
    async answer({ context, caller: { buyerId } }) {
      const [buyer, { balance }] = await database.read((db) =>
        Promise.all([readBilling(db, buyerId), readBuyerBalance(db, buyerId)]),
      );
      const currency = buyer?.currency ?? null;
      // A buyer that is in no campaign yet has no currency: its amounts have two decimals, as most currencies do.
      const written = (amount: Amount) => formatAmount(amount, currency ?? "USD");
      const limit = buyer?.billing.mode === "credit" ? parseAmount(buyer.billing.limit) : undefined;
      const data = {
        billing: buyer?.billing.mode ?? "manual",
        balance: written(balance),
        credit_limit: limit === undefined ? null : written(limit),
        currency,
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
                data: { billing: "wallet", balance: "460.00", credit_limit: null, currency: "USD" },
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
    balance: money,
    credit_limit: moneyOrNull,
    currency: textOrNull,
  }),
);
