import type { AdminParts } from "#admin/parts.ts";
import { demoDocument } from "#configuration/demo.ts";
import type { IdentifiedDocument } from "#configuration/identify.ts";
import { warningsIn } from "#configuration/warnings/document-warnings.ts";
import { WARNINGS, type Warning } from "#configuration/warnings/warning.ts";
import type { Queryable } from "#database/database.ts";
import { monthStart } from "#database/months.ts";
import { recipientsWithSecret } from "#delivery/recipients/signing-secret-records.ts";
import { listOf, named, objectOf, text, wordOf } from "#http/schema.ts";
import { readBalances } from "#ledger/balance-records.ts";
import { readOldestLead } from "#ledger/dropped-records.ts";
import { nearestAmount } from "#money/amount.ts";
import { emptyListsAmong } from "#suppression/entry-records.ts";
import { DAY_MS } from "#time/durations.ts";
import { isoOf } from "#time/iso.ts";

type WarningParts = Pick<AdminParts, "database" | "now" | "mailIsSetUp" | "isRefused">;

/** What is surely not meant in a document without problems, by itself and by how this server stands. */
export async function readWarnings(
  { database, now, mailIsSetUp, isRefused }: WarningParts,
  document: IdentifiedDocument,
): Promise<Warning[]> {
  const days = document.records_days ?? null;
  const { dropsBefore, emptyLists, balances, withToken } = await database.read(async (db) => ({
    dropsBefore: days === null ? null : await readDroppedBefore(db, days, now()),
    emptyLists: await emptyListsAmong(
      db,
      (document.suppression_lists ?? []).map(({ id }) => id),
    ),
    balances: await balancesOfWallets(db, document),
    withToken: await recipientsWithSecret(db, now().toISOString()),
  }));
  const conversions = (document.conversions ?? []).map(({ id }) => id);
  return warningsIn(document, {
    mailIsSetUp,
    isRefused,
    dropsBefore,
    emptyLists: new Set(emptyLists),
    balances: new Map(balances),
    withoutToken: new Set(conversions.filter((id) => !withToken.has(`conversion:${id}`))),
  });
}

/** Where months end that would be dropped, ISO 8601; null: there are none. Months go whole. */
async function readDroppedBefore(db: Queryable, days: number, now: Date): Promise<string | null> {
  const oldest = await readOldestLead(db);
  const end = monthStart(now.getTime() - days * DAY_MS);
  return oldest !== null && oldest < end ? isoOf(end) : null;
}

async function balancesOfWallets(db: Queryable, { buyers = [] }: IdentifiedDocument) {
  const wallets = buyers.filter(({ billing }) => billing?.mode === "wallet");
  return Promise.all(
    wallets.map(
      async ({ id }) =>
        [id, nearestAmount((await readBalances(db, "buyer", id, [])).at(0)?.spendable ?? 0n)] as const,
    ),
  );
}

/** Of the demo set-up, for examples: its list has people on it, and its buyers are sent nothing. */
export const DEMO_WARNINGS = warningsIn(demoDocument as IdentifiedDocument, {
  mailIsSetUp: false,
  isRefused: () => false,
  dropsBefore: null,
  emptyLists: new Set(),
  balances: new Map(),
  withoutToken: new Set(),
});

export const WARNINGS_SCHEMA = listOf(
  named("ConfigurationWarning", objectOf({ path: text, code: wordOf(Object.keys(WARNINGS)), message: text })),
  "What can never work, or is surely not meant. Nothing is refused for it.",
);
