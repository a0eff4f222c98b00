import { type SQL, sql } from "drizzle-orm";
import type { Queryable } from "#database/database.ts";
import { statement } from "#database/statement.ts";

/** Whom a report or a list can be asked about. */
export type ReportedKind = (typeof REPORTED_KINDS)[number];
export const REPORTED_KINDS = ["campaign", "supplier", "buyer"] as const;

/** Whether there ever was such a one: archived ones count. */
export async function isParty(db: Queryable, kind: ReportedKind, id: string): Promise<boolean> {
  return (await IS[kind].run(db, { id })).length > 0;
}

/** The ids of all of a kind, archived ones included. */
export async function readPartyIds(db: Queryable, kind: ReportedKind): Promise<string[]> {
  return (await IDS[kind].run(db, {})).map(({ id }) => id);
}

const TABLES: Record<ReportedKind, SQL> = {
  campaign: sql`campaigns`,
  supplier: sql`suppliers`,
  buyer: sql`buyers`,
};

function forEachKind<Said>(say: (kind: ReportedKind) => Said): Record<ReportedKind, Said> {
  return { campaign: say("campaign"), supplier: say("supplier"), buyer: say("buyer") };
}

const IS = forEachKind((kind) =>
  statement<{ id: string }, { id: string }>(
    `select_${kind}_named`,
    "all campaigns",
    ($) => sql`select id from ${TABLES[kind]} where id = ${$.id}::text`,
  ),
);

const IDS = forEachKind((kind) =>
  statement<{ id: string }>(`select_${kind}_ids`, "all campaigns", sql`select id from ${TABLES[kind]}`),
);
