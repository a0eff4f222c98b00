import { sql } from "drizzle-orm";
import { ms } from "#database/columns.ts";
import type { Queryable } from "#database/database.ts";
import { statement } from "#database/statement.ts";
import type { Recipient } from "#endpoints/recipient.ts";
import type { Breaker } from "./breaker.ts";

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
  return new Map(
    rows.map(({ recipient, breaker, pausedAt }) => [
      recipient,
      { breaker: JSON.parse(breaker) as Breaker, paused: pausedAt !== null, pausedAt },
    ]),
  );
}

const selectEndpoints = statement<
  { recipient: Recipient; breaker: string; pausedAt: number | null },
  Record<string, never>
>(
  "select_endpoints",
  "unspread",
  sql`select recipient, breaker, ${ms("paused_at")} as "pausedAt" from endpoints`,
);

/** Remembers a breaker that has changed its state, for all servers. */
export async function writeBreaker(db: Queryable, recipient: Recipient, breaker: Breaker): Promise<void> {
  await upsertBreaker.run(db, { recipient, breaker: JSON.stringify(breaker) });
}

const upsertBreaker = statement<unknown, { recipient: string; breaker: string }>(
  "upsert_breaker",
  "unspread",
  ($) => sql`insert into endpoints (recipient, breaker) values (${$.recipient}, ${$.breaker})
      on conflict (recipient) do update set breaker = excluded.breaker`,
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

/** Stops sending to an endpoint that said it is gone; its breaker says by which answer. */
export async function pauseEndpoint(
  db: Queryable,
  recipient: Recipient,
  breaker: Breaker,
  at: string,
): Promise<void> {
  await upsertPause.run(db, { recipient, breaker: JSON.stringify(breaker), at });
}

const upsertPause = statement<unknown, { recipient: string; breaker: string; at: string }>(
  "upsert_pause",
  "unspread",
  ($) => sql`insert into endpoints (recipient, breaker, paused_at)
      values (${$.recipient}, ${$.breaker}, ${$.at}::text::timestamptz)
      on conflict (recipient) do update set paused_at = excluded.paused_at, breaker = excluded.breaker`,
);
