import { sql } from "drizzle-orm";
import { ms } from "#database/columns.ts";
import type { Queryable } from "#database/database.ts";
import { arrayText, statement } from "#database/statement.ts";
import type { Recipient } from "#endpoints/recipient.ts";
import { type Breaker, CLOSED, dueNow } from "./breaker.ts";

/** An endpoint as it is stored for all servers. */
export interface EndpointState {
  breaker: Breaker;
  paused: boolean;
}

/** Since when it is paused, in ms since 1970; null: it is not. */
export interface StoredEndpoint extends EndpointState {
  pausedAt: number | null;
}

export async function readEndpoints(db: Queryable): Promise<Map<Recipient, StoredEndpoint>> {
  const rows = await selectEndpoints.run(db, {});
  return new Map(rows.map((row) => [row.recipient, stored(row)]));
}

/** That of one recipient; undefined when nothing is on record of it. */
export async function readEndpoint(db: Queryable, recipient: Recipient): Promise<StoredEndpoint | undefined> {
  const [row] = await selectEndpoint.run(db, { recipient });
  return row && stored(row);
}

interface EndpointRow {
  recipient: Recipient;
  breaker: string;
  pausedAt: number | null;
}

function stored({ breaker, pausedAt }: EndpointRow): StoredEndpoint {
  return { breaker: JSON.parse(breaker) as Breaker, paused: pausedAt !== null, pausedAt };
}

const selectEndpoints = statement<EndpointRow, Record<string, never>>(
  "select_endpoints",
  "unspread",
  sql`select recipient, breaker, ${ms("paused_at")} as "pausedAt" from endpoints`,
);

const selectEndpoint = statement<EndpointRow, { recipient: string }>(
  "select_endpoint",
  "unspread",
  ($) =>
    sql`select recipient, breaker, ${ms("paused_at")} as "pausedAt" from endpoints where recipient = ${$.recipient}`,
);

/**
 * Remembers a breaker that has changed its state, for all servers. Answers with what was stored before, which nobody changes in between: so
 * of two servers that learn the same, one sees the change.
 */
export async function writeBreaker(
  db: Queryable,
  recipient: Recipient,
  breaker: Breaker,
): Promise<StoredEndpoint> {
  const before = await lockOrAdd(db, recipient);
  await updateBreaker.run(db, { recipient, breaker: JSON.stringify(breaker) });
  return before;
}

const updateBreaker = statement<unknown, { recipient: string; breaker: string }>(
  "update_breaker",
  "unspread",
  ($) => sql`update endpoints set breaker = ${$.breaker} where recipient = ${$.recipient}`,
);

async function lockOrAdd(db: Queryable, recipient: Recipient): Promise<StoredEndpoint> {
  await addEndpoint.run(db, { recipient, breaker: JSON.stringify(CLOSED) });
  const locked = await lock(db, recipient);
  if (locked === undefined) throw new Error("an endpoint was removed while it was added");
  return locked;
}

const addEndpoint = statement<unknown, { recipient: string; breaker: string }>(
  "add_endpoint",
  "unspread",
  ($) => sql`insert into endpoints (recipient, breaker) values (${$.recipient}, ${$.breaker})
      on conflict (recipient) do nothing`,
);

async function lock(db: Queryable, recipient: Recipient): Promise<StoredEndpoint | undefined> {
  const [row] = await lockEndpoint.run(db, { recipient });
  return row && stored(row);
}

const lockEndpoint = statement<EndpointRow, { recipient: string }>(
  "lock_endpoint",
  "unspread",
  ($) => sql`select recipient, breaker, ${ms("paused_at")} as "pausedAt" from endpoints
      where recipient = ${$.recipient} for update`,
);

/** Takes the one probe that an open breaker allows; false when another server was first. */
export async function takeProbe(
  db: Queryable,
  recipient: Recipient,
  change: { from: Breaker; to: Breaker },
): Promise<boolean> {
  const rows = await replaceBreaker.run(db, {
    recipient,
    from: JSON.stringify(change.from),
    to: JSON.stringify(change.to),
  });
  return rows.length > 0;
}

const replaceBreaker = statement<{ recipient: string }, { recipient: string; from: string; to: string }>(
  "replace_breaker",
  "unspread",
  ($) => sql`update endpoints set breaker = ${$.to}
      where recipient = ${$.recipient} and breaker = ${$.from}
      returning recipient`,
);

/** Stops sending to an endpoint that said it is gone; its breaker says by which answer. Answers with what was stored before. */
export async function pauseEndpoint(
  db: Queryable,
  recipient: Recipient,
  breaker: Breaker,
  at: string,
): Promise<StoredEndpoint> {
  const before = await lockOrAdd(db, recipient);
  await updatePause.run(db, { recipient, breaker: JSON.stringify(breaker), at });
  return before;
}

const updatePause = statement<unknown, { recipient: string; breaker: string; at: string | null }>(
  "update_pause",
  "unspread",
  ($) => sql`update endpoints set paused_at = ${$.at}::timestamptz, breaker = ${$.breaker}
      where recipient = ${$.recipient}`,
);

/** Those of these endpoints that are paused: whoever resumes one does so after the transaction. */
export async function holdPaused(db: Queryable, recipients: readonly Recipient[]): Promise<Set<Recipient>> {
  const rows = await lockPaused.run(db, { recipients: arrayText(recipients) });
  return new Set(rows.map(({ recipient }) => recipient));
}

const lockPaused = statement<{ recipient: Recipient }, { recipients: string }>(
  "lock_paused_endpoints",
  "unspread",
  ($) => sql`select recipient from endpoints
      where recipient = any(${$.recipients}::text[]) and paused_at is not null
      order by recipient for share`,
);

/**
 * Lets an endpoint be tried at once, whatever is known against it: it is paused no more, and a breaker's probe is due. Answers with
 * what was stored before; undefined: nothing was known.
 */
export async function openEndpoint(
  db: Queryable,
  recipient: Recipient,
  now: Date,
): Promise<StoredEndpoint | undefined> {
  const before = await lock(db, recipient);
  if (before === undefined) return undefined;
  await updatePause.run(db, { recipient, breaker: JSON.stringify(dueNow(before.breaker, now)), at: null });
  return before;
}
