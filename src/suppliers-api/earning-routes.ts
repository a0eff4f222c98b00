import { readAccount } from "#campaigns/account-records.ts";
import { type Route, singleRoute } from "#http/route.ts";
import { dataOf, moneyOrNull, named, objectOf, textOrNull } from "#http/schema.ts";
import { notFound, reply } from "#http/words.ts";
import { LIMITED, OVER_LOOKUP_LIMIT } from "#intake/supplier-words.ts";
import { readBalances } from "#ledger/balance-records.ts";
import { BALANCES, balancesShown } from "#ledger/balance-words.ts";
import { statementRoute } from "#ledger/statements/statement-route.ts";
import type { SupplierParts } from "./parts.ts";

/** What a supplier is owed, and how that came about: what operators see of it. */
export function earningRoutes(parts: SupplierParts): Route[] {
  return [owedRoute(parts), earningsRoute(parts)];
}

function owedRoute({ database, suppliers }: SupplierParts): Route {
  return singleRoute({
    path: "/api/v1/balance",
    who: suppliers,
    missing: "There is no such supplier.",
    read: (_, { supplier: { id } }) =>
      database.read(async (db) => {
        const account = await readAccount(db, "supplier", id);
        return account && balancesShown(await readBalances(db, "supplier", id, account.currencies));
      }),
    words: {
      operation: "getOwedBalance",
      section: "Suppliers",
      summary: "What you are owed",
      description:
        "The payouts of this supplier's leads, less what it was paid. Below zero it was paid ahead.",
      replies: {
        200: {
          ...reply("The balance.", dataOf(OWED_BALANCE), LIMITED),
          examples: {
            balance: {
              summary: "A supplier that is owed something",
              value: {
                data: {
                  balance: "1728.00",
                  currency: "USD",
                  balances: [{ currency: "USD", balance: "1728.00" }],
                },
              },
            },
          },
        },
        404: notFound("supplier"),
        429: OVER_LOOKUP_LIMIT,
      },
    },
  });
}

function earningsRoute({ database, suppliers, now, stopping }: SupplierParts): Route {
  return statementRoute({
    path: "/api/v1/statement",
    who: suppliers,
    party: "supplier",
    idOf: (_, { supplier }) => supplier.id,
    parts: { database, now, stopping },
    words: {
      operation: "getOwedStatement",
      section: "Suppliers",
      summary: "Your statement",
      description: `What moved this supplier's balance in a month, or from one day to another: opening balance, lines, closing balance.
Days begin in its time zone, or else in UTC. Streamed, however many lines there are.`,
      replies: { 429: OVER_LOOKUP_LIMIT },
    },
    headers: LIMITED,
  });
}

const OWED_BALANCE = named(
  "OwedBalance",
  objectOf({
    balance: { ...moneyOrNull, description: "Null where there are several currencies." },
    currency: textOrNull,
    balances: BALANCES,
  }),
);
