import type { SQL } from "drizzle-orm";

/** A row as it comes, by the names of its columns. */
export type Row = Record<string, unknown>;

/**
 * How a statement is sent: parsed once by each connection and kept, or anew each time, which `as arrays` answers with rows
 * without names.
 */
export type Manner = "kept" | "once" | "once, as arrays";

/** What statements are run on: a transaction inside `write`, single statements inside `read`. */
export interface Queryable {
  /** Sends one statement; see `statement()`, `execute` and `builderOn`, which put it together. */
  send(text: string, parameters: readonly unknown[], manner: Manner): Promise<Row[]>;
  /** Its tables are spread over nodes of Citus; absent: they are not. */
  readonly isSpread?: true;
  /**
   * Puts the shards of one campaign, on the node of Citus that is connected to, in place of the tables that a statement names; absent:
   * the tables are asked.
   */
  readonly onShards?: (text: string) => string;
  /** Runs what is asked so seldom, or so differently each time, that it is better planned anew. */
  execute<Found = Row>(query: SQL | string): Promise<Found[]>;
}

/** Postgres or the embedded database, behind the same two questions. Nothing waits past the deadline it was opened with. */
export interface Database {
  readonly kind: "postgres" | "embedded";
  /** Its tables are spread over nodes of Citus, by campaign. */
  readonly isSpread: boolean;

  /**
   * Runs single statements outside any transaction; the database refuses those that would change something.
   * Statements started together go out together. A statement whose connection died is asked once more.
   *
   * @throws DatabaseUnavailable when there was no answer in time.
   * @throws StatementRefused when the database refused a statement.
   */
  read<T>(work: (db: Queryable) => Promise<T>): Promise<T>;

  /**
   * The same, for lists, exports and reports: what they show may be a little old, as it is on a standby. Nothing is decided by it.
   */
  survey<T>(work: (db: Queryable) => Promise<T>): Promise<T>;

  /** Where its tables are spread over nodes of Citus; absent: they are not. */
  readonly whatIsThere?: WhatIsThere;

  /** Whether the standby that `survey` reads is recent enough for it; null: there is none to be read. */
  isStandbyRecent(): Promise<boolean | null>;

  /**
   * The same as `read`, for statements that find rows by their keys: each is planned once, for any parameters, as those of a lane are.
   * On the other connections a look-up that was planned while its table was empty took seconds once it was not.
   */
  lookUp<T>(work: (db: Queryable) => Promise<T>): Promise<T>;

  /**
   * Runs `work` in one transaction and resolves only after a COMMIT that is certain. `work` may be run again when
   * the transaction lost against another one, so it must change nothing but the database. Inside it, only `tx` may be used:
   * on the embedded database a `read` from within would wait for itself.
   *
   * @throws DatabaseUnavailable when nothing was committed, or with `certain: false` when nobody could be asked
   *   whether it was. It can take twice the deadline when the answer to COMMIT was lost and has to be found out.
   * @throws StatementRefused when the database refused a statement; nothing was committed.
   *
   * @param patienceMs how long it may take, in place of the deadline: for what nobody waits for.
   */
  write<T>(work: (tx: Queryable) => Promise<T>, patienceMs?: number): Promise<T>;

  /** `write` for work that makes, attaches or drops tables: where they are spread over nodes of Citus, its coordinator does that. */
  makeTables: Database["write"];

  /** Resolves when the database answers. @throws DatabaseUnavailable */
  ping(): Promise<void>;

  /**
   * Calls `changed` when the configuration, signing secrets or what is known of endpoints changed, on whichever server, and when a word of
   * that may have been lost: each change is told by a trigger (migration 0017). What is answered says whether words come through.
   */
  listen(changed: () => void): () => boolean;

  /**
   * The database as it is at one moment, to be read for as long as that takes while others go on. On the embedded database, whose one
   * connection can't be kept from them, it is a copy of the files, read by a second engine; `alone` says that there are no others.
   *
   * @throws DatabaseRefused when another snapshot of an embedded database is open, or the disk has no room for the copy.
   * @throws DatabaseUnavailable
   */
  snapshot(alone?: "alone"): Promise<Snapshot>;

  /** Lets what is running end, then closes. Calls made afterwards get DatabaseUnavailable. */
  close(): Promise<void>;
}

/** What can be read while nodes of Citus are away. */
export interface WhatIsThere {
  /** The same as the database's, without what is on nodes that are away: for what operators look at. */
  read: Database["read"];
  /** The addresses of the nodes that what was read last is without. */
  away(): readonly string[];
}

/** `lookUp` for what is gone on with while nodes of Citus are away: without what is on them. */
export async function lookUpWhatIsThere<T>(
  { whatIsThere, lookUp }: Database,
  work: (db: Queryable) => Promise<T>,
): Promise<T> {
  if (whatIsThere === undefined) return await lookUp(work);
  if (whatIsThere.away().length > 0) return await whatIsThere.read(work);
  try {
    return await lookUp(work);
  } catch (error) {
    if (!(error instanceof DatabaseUnavailable)) throw error;
    return await whatIsThere.read(work);
  }
}

/** Reads as operators are shown it: without what is on nodes of Citus that are away. */
export function readWhatIsThere({ whatIsThere, read }: Database): Database["read"] {
  return whatIsThere?.read ?? read;
}

/** What a database held at one moment. Whoever asked for it closes it. */
export interface Snapshot {
  /**
   * Runs statements one after another, in the one transaction that sees that moment.
   *
   * @throws DatabaseUnavailable when a call takes longer than a minute.
   * @throws StatementRefused when the database refused a statement.
   */
  read<T>(work: (db: Queryable) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Told what went wrong and was dealt with, in a sentence; neither it nor the error holds personal data. */
export type OnProblem = (sentence: string, error?: unknown) => void;

/** The database could not be reached or did not answer in time. */
export class DatabaseUnavailable extends Error {
  /** True when it is certain that nothing was committed. */
  readonly certain: boolean;

  constructor(message: string, certain = true) {
    super(message);
    this.name = "DatabaseUnavailable";
    this.certain = certain;
  }
}

/** A statement that the database refused. Carries nothing of the values that were sent: they may be personal. */
export class StatementRefused extends Error {
  readonly sqlstate: string;
  readonly constraint: string | undefined;

  constructor(message: string, sqlstate: string, constraint?: string) {
    super(message);
    this.name = "StatementRefused";
    this.sqlstate = sqlstate;
    this.constraint = constraint;
  }
}

/** The database can't be used as it is: another process has it, or its version is wrong. The message tells the operator what to do. */
export class DatabaseRefused extends Error {
  constructor(message: string) {
    super(message);
    this.name = "DatabaseRefused";
  }
}
