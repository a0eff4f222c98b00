import { sql } from "drizzle-orm";
import { ms } from "#database/columns.ts";
import type { Queryable } from "#database/database.ts";
import { arrayTextOfAny, statement } from "#database/statement.ts";
import { newUuid } from "#text/ids.ts";
import type { ChangeWay, HistoryEntry, RecordedChange } from "./history.ts";
import type { IdentifiedDocument } from "./identify.ts";

/** Who changes something, and when. */
export interface Author {
  /** The operator, as the history names it. */
  by: string;
  now: Date;
}

/** Puts a change on record, in the transaction that makes it. */
export async function recordHistory(
  tx: Queryable,
  { by, now }: Author,
  change: {
    revision: number | null;
    way: ChangeWay;
    restored?: number | undefined;
    changes: readonly RecordedChange[];
  },
): Promise<void> {
  await insertHistory.run(tx, {
    id: newUuid(),
    revision: change.revision,
    at: now.toISOString(),
    by,
    via: change.way,
    restored: change.restored ?? null,
    about: arrayTextOfAny(change.changes.map(({ kind, id }) => `${kind}:${id}`)),
    changes: JSON.stringify(change.changes),
  });
}

/**
 * Puts on record a change beside the document, in the transaction that makes it. `revision` is the one that the change gave to campaigns,
 * where leads are decided otherwise from then on.
 */
export async function recordChange(
  tx: Queryable,
  author: Author,
  change: RecordedChange,
  revision: number | null = null,
): Promise<void> {
  await recordHistory(tx, author, { revision, way: "operation", changes: [change] });
}

/** Which rows a list shows; what is null does not matter. */
export interface HistoryFilter {
  /** Only changes of all of these, `buyer:<id>` and the like. */
  about: readonly string[];
  /** Made at or after this moment, ISO 8601. */
  since: string | null;
  /** Made before this moment. */
  until: string | null;
}

/** The newest changes first, those before the row `before` (a UUID) only. */
export async function listHistory(
  db: Queryable,
  { about, since, until }: HistoryFilter,
  before: string | null,
  limit: number,
): Promise<HistoryEntry[]> {
  const rows = await selectHistory.run(db, { about: arrayTextOfAny(about), since, until, before, limit });
  return rows.map(entryOf);
}

/** What raised the revision to this one; undefined for none, and for what an earlier release changed. */
export async function readHistory(db: Queryable, revision: number): Promise<HistoryEntry | undefined> {
  const [row] = await selectHistoryOf.run(db, { revision });
  return row && entryOf(row);
}

/** A configuration as it came into force, to the byte. */
export interface PastConfiguration {
  revision: number;
  document: IdentifiedDocument;
  at: Date;
  by: string;
  /** The one in force before it; null for the first. */
  before: IdentifiedDocument | null;
}

/** The configuration in force at a revision; undefined when none was, or the revision is yet to come. */
export async function readPastConfiguration(
  db: Queryable,
  revision: number,
): Promise<PastConfiguration | undefined> {
  const [row] = await selectPast.run(db, { revision });
  if (row === undefined) return undefined;
  return {
    revision: row.revision,
    document: JSON.parse(row.document) as IdentifiedDocument,
    at: new Date(row.at),
    by: row.by,
    before: row.before === null ? null : (JSON.parse(row.before) as IdentifiedDocument),
  };
}

type HistoryRow = Omit<HistoryEntry, "at" | "changes"> & { at: number; changes: string };

function entryOf(row: HistoryRow): HistoryEntry {
  return { ...row, at: new Date(row.at), changes: JSON.parse(row.changes) as RecordedChange[] };
}

const insertHistory = statement<
  unknown,
  {
    id: string;
    revision: number | null;
    at: string;
    by: string;
    via: string;
    restored: number | null;
    about: string;
    changes: string;
  }
>(
  "insert_history",
  "unspread",
  ($) => sql`insert into history (id, revision, at, by, via, restored, about, changes)
      values (${$.id}::text::uuid, ${$.revision}::int, ${$.at}::timestamptz,
        ${$.by}, ${$.via}, ${$.restored}::int,
        ${$.about}::text[], ${$.changes})`,
);

const columns = sql`id::text as id, revision, ${ms("at")} as at, by, via as way, restored, changes`;

const selectHistory = statement<
  HistoryRow,
  Record<"about" | "since" | "until" | "before", string | null> & { limit: number }
>(
  "select_history",
  "unspread",
  ($) => sql`select ${columns} from history
      where about @> ${$.about}::text[]
        and (${$.since}::text is null or at >= ${$.since}::timestamptz)
        and (${$.until}::text is null or at < ${$.until}::timestamptz)
        and (${$.before}::text is null or id < ${$.before}::text::uuid)
      order by id desc
      limit ${$.limit}::text::integer`,
);

const selectHistoryOf = statement<HistoryRow, { revision: number }>(
  "select_history_of_revision",
  "unspread",
  ($) => sql`select ${columns} from history where revision = ${$.revision}::int
      order by via = 'operation', id desc limit 1`,
);

const selectPast = statement<
  { revision: number; document: string; at: number; by: string; before: string | null },
  { revision: number }
>(
  "select_past_configuration",
  "all campaigns",
  ($) => sql`select past.revision, past.document, ${ms("past.applied_at")} as at, past.applied_by as by,
        (select earlier.document from configurations earlier where earlier.revision < past.revision
         order by earlier.revision desc limit 1) as before
      from configurations past
      where past.revision <= ${$.revision}::int
        and ${$.revision}::int <= greatest(
          (select max(revision) from configurations), (select max(revision) from history), (select max(revision) from campaigns))
      order by past.revision desc limit 1`,
);
