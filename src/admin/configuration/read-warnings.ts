import type { AdminParts } from "#admin/parts.ts";
import { demoDocument } from "#configuration/demo.ts";
import type { IdentifiedDocument } from "#configuration/identify.ts";
import { warningsIn } from "#configuration/warnings/document-warnings.ts";
import { WARNINGS, type Warning } from "#configuration/warnings/warning.ts";
import type { Queryable } from "#database/database.ts";
import { listOf, named, objectOf, text, wordOf } from "#http/schema.ts";
import { readBalances } from "#ledger/balance-records.ts";
import { amountOfTenThousandths } from "#money/amount.ts";
import { emptyListsAmong } from "#suppression/entry-records.ts";

/** What is surely not meant in a document without problems, by itself and by how this server stands. */
export async function readWarnings(
  { database, mailIsSetUp, isRefused }: Pick<AdminParts, "database" | "mailIsSetUp" | "isRefused">,
  document: IdentifiedDocument,
): Promise<Warning[]> {
  const { emptyLists, balances } = await database.read(async (db) => ({
    emptyLists: await emptyListsAmong(
      db,
      (document.suppression_lists ?? []).map(({ id }) => id),
    ),
    balances: await balancesOfWallets(db, document),
  }));
  return warningsIn(document, {
    mailIsSetUp,
    isRefused,
    emptyLists: new Set(emptyLists),
    balances: new Map(balances),
  });
}

async function balancesOfWallets(db: Queryable, { buyers = [] }: IdentifiedDocument) {
  const wallets = buyers.filter(({ billing }) => billing?.mode === "wallet");
  return Promise.all(
    wallets.map(
      async ({ id }) =>
        [
          id,
          (await readBalances(db, "buyer", id, [])).at(0)?.spendable ?? amountOfTenThousandths(0),
        ] as const,
    ),
  );
}

/** Of the demo set-up, for examples: its list has people on it, and its buyers are sent nothing. */
export const DEMO_WARNINGS = warningsIn(demoDocument as IdentifiedDocument, {
  mailIsSetUp: false,
  isRefused: () => false,
  emptyLists: new Set(),
  balances: new Map(),
});

export const WARNINGS_SCHEMA = listOf(
  named("ConfigurationWarning", objectOf({ path: text, code: wordOf(Object.keys(WARNINGS)), message: text })),
  "What can never work, or is surely not meant. Nothing is refused for it.",
);
