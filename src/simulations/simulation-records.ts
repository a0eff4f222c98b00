import { sql } from "drizzle-orm";
import type { IdentifiedDocument } from "#configuration/identify.ts";
import { ms } from "#database/columns.ts";
import type { Queryable } from "#database/database.ts";
import { arrayText, statement } from "#database/statement.ts";
import { isoOf } from "#time/iso.ts";
import type { DifferingLead } from "./comparison.ts";
import type { SimulationOrder, SimulationResult } from "./run.ts";

export const SIMULATION_STATES = ["waiting", "running", "done", "stopped", "failed"] as const;
export type SimulationState = (typeof SIMULATION_STATES)[number];

/** A document that is tried on past leads. Times in ms since 1970. */
export interface Simulation extends Omit<SimulationOrder, "document"> {
  /** UUID. */
  id: string;
  state: SimulationState;
  requestedAt: number;
  requestedBy: string;
  startedAt: number | null;
  finishedAt: number | null;
  /** Leads decided so far, of about so many; null while that is not known. */
  leads: number;
  ofLeads: number | null;
  /** Why it failed, in a sentence. */
  failure: string | null;
}

/** So many simulations that have ended are kept. */
const MOST_ENDED = 20;

/** Writes down a simulation that is to be made, and forgets those that ended long ago. */
export async function insertSimulation(
  tx: Queryable,
  { id, by, now, order }: { id: string; by: string; now: Date; order: SimulationOrder },
): Promise<void> {
  await insert.run(tx, {
    id,
    document: JSON.stringify(order.document),
    since: isoOf(order.since),
    until: isoOf(order.until),
    campaigns: order.campaigns === null ? null : arrayText(order.campaigns),
    by,
    at: now.toISOString(),
  });
  await forgetOld.run(tx, { most: MOST_ENDED });
}

const insert = statement<
  unknown,
  Record<"id" | "document" | "since" | "until" | "by" | "at", string> & { campaigns: string | null }
>(
  "insert_simulation",
  "unspread",
  (
    $,
  ) => sql`insert into simulations (id, state, document, since, until, campaigns, requested_at, requested_by)
      values (${$.id}::text::uuid, 'waiting', ${$.document}, ${$.since}::timestamptz, ${$.until}::timestamptz,
        ${$.campaigns}::text[], ${$.at}::timestamptz, ${$.by})`,
);

const forgetOld = statement<unknown, { most: number }>(
  "forget_old_simulations",
  "unspread",
  ($) => sql`delete from simulations where id in (
      select id from simulations where state in ('done', 'stopped', 'failed') order by id desc offset ${$.most}::text::integer)`,
);

type SimulationRow = Omit<Simulation, "campaigns"> & { campaigns: string | null };

const columns = sql`id::text as id, state, ${ms("since")} as since, ${ms("until")} as until,
  array_to_json(campaigns)::text as campaigns, ${ms("requested_at")} as "requestedAt", requested_by as "requestedBy",
  ${ms("started_at")} as "startedAt", ${ms("finished_at")} as "finishedAt", leads, of_leads as "ofLeads", failure`;

function simulationOf<Found extends SimulationRow>({ campaigns, ...row }: Found) {
  return { ...row, campaigns: campaigns === null ? null : (JSON.parse(campaigns) as string[]) };
}

/** Undefined when there is no such simulation (a UUID). `result`: what came of it, when it is done. */
export async function readSimulation(
  db: Queryable,
  id: string,
): Promise<(Simulation & { result: SimulationResult | null }) | undefined> {
  const [row] = await select.run(db, { id });
  if (row === undefined) return undefined;
  const { result, ...simulation } = simulationOf(row);
  return { ...simulation, result: result === null ? null : (JSON.parse(result) as SimulationResult) };
}

const select = statement<SimulationRow & { result: string | null }, { id: string }>(
  "select_simulation",
  "unspread",
  ($) => sql`select ${columns}, result from simulations where id = ${$.id}::text::uuid`,
);

/** The newest first, those before the simulation `before` (a UUID) only. */
export async function listSimulations(
  db: Queryable,
  filter: { state: string | null },
  before: string | null,
  limit: number,
): Promise<Simulation[]> {
  return (await selectMany.run(db, { ...filter, before, limit })).map(simulationOf);
}

const selectMany = statement<SimulationRow, { state: string | null; before: string | null; limit: number }>(
  "select_simulations",
  "unspread",
  ($) => sql`select ${columns} from simulations
      where (${$.state}::text is null or state = ${$.state}::text)
        and (${$.before}::text is null or id < ${$.before}::text::uuid)
      order by simulations.id desc limit ${$.limit}::text::integer`,
);

/** Stops one that waits or is under way. False: it has ended, or there is none. */
export async function stopSimulation(tx: Queryable, id: string, now: Date): Promise<boolean> {
  return (await stop.run(tx, { id, at: now.toISOString() })).length > 0;
}

const stop = statement<unknown, { id: string; at: string }>(
  "stop_simulation",
  "unspread",
  (
    $,
  ) => sql`update simulations set state = 'stopped', lease = null, lease_until = null, finished_at = ${$.at}::timestamptz
      where id = ${$.id}::text::uuid and state in ('waiting', 'running') returning true`,
);

/** A server's hold of a simulation. */
export interface SimulationHold {
  id: string;
  lease: string;
  /** ISO 8601. */
  until: string;
}

export interface ClaimedSimulation {
  id: string;
  order: SimulationOrder;
}

/** Takes on the one that waits longest, or whose server died, which begins anew; undefined: there is none, or one is under way. */
export async function claimSimulation(
  tx: Queryable,
  { lease, until, now }: { lease: string; until: string; now: string },
): Promise<ClaimedSimulation | undefined> {
  const [next] = await lockNext.run(tx, { now });
  if (next === undefined) return undefined;
  const { id, document, ...row } = simulationOf(next);
  await Promise.all([clearLeads.run(tx, { id }), claim.run(tx, { id, lease, until, now })]);
  const { since, campaigns } = row;
  return {
    id,
    order: { document: JSON.parse(document) as IdentifiedDocument, since, until: row.until, campaigns },
  };
}

/** Whoever claims locks the oldest first, so that two never take on two. */
const lockNext = statement<SimulationRow & { document: string }, { now: string }>(
  "lock_next_simulation",
  "unspread",
  ($) => sql`select ${columns}, document from simulations
      where id = (
          select id from simulations where state in ('waiting', 'running')
          order by state = 'running' desc, simulations.id limit 1)
        and (state = 'waiting' or lease_until < ${$.now}::timestamptz)
      for update skip locked`,
);

const clearLeads = statement<unknown, { id: string }>(
  "clear_simulated_leads",
  "unspread",
  ($) => sql`delete from simulated_leads where simulation_id = ${$.id}::text::uuid`,
);

const claim = statement<unknown, Record<"id" | "lease" | "until" | "now", string>>(
  "claim_simulation",
  "unspread",
  ($) => sql`update simulations set state = 'running', lease = ${$.lease}::text::uuid,
        lease_until = ${$.until}::timestamptz, started_at = ${$.now}::timestamptz, leads = 0, of_leads = null
      where id = ${$.id}::text::uuid`,
);

/** Says how far it is and holds it longer. False: it was stopped, or another server has taken it on. */
export async function tellProgress(
  tx: Queryable,
  hold: SimulationHold,
  leads: number,
  of: number,
): Promise<boolean> {
  return (await progress.run(tx, { ...hold, leads, of })).length > 0;
}

const progress = statement<unknown, { id: string; lease: string; until: string; leads: number; of: number }>(
  "tell_simulation_progress",
  "unspread",
  ($) => sql`update simulations set lease_until = ${$.until}::timestamptz, leads = ${$.leads}::text::integer,
        of_leads = ${$.of}::text::integer
      where id = ${$.id}::text::uuid and lease = ${$.lease}::text::uuid returning true`,
);

/** Lets another server take it on at once, from its beginning. */
export async function releaseSimulation(tx: Queryable, { id, lease }: SimulationHold): Promise<void> {
  await release.run(tx, { id, lease });
}

const release = statement<unknown, { id: string; lease: string }>(
  "release_simulation",
  "unspread",
  ($) => sql`update simulations set state = 'waiting', lease = null, lease_until = null
      where id = ${$.id}::text::uuid and lease = ${$.lease}::text::uuid`,
);

/** Says what came of it, or why nothing did. */
export async function endSimulation(
  tx: Queryable,
  { id, lease }: SimulationHold,
  ended: { result: SimulationResult } | { failure: string },
  now: Date,
): Promise<void> {
  const result = "result" in ended ? JSON.stringify(ended.result) : null;
  const failure = "failure" in ended ? ended.failure : null;
  await end.run(tx, { id, lease, result, failure, at: now.toISOString() });
}

const end = statement<
  unknown,
  { id: string; lease: string; result: string | null; failure: string | null; at: string }
>(
  "end_simulation",
  "unspread",
  (
    $,
  ) => sql`update simulations set state = case when ${$.failure}::text is null then 'done' else 'failed' end,
        lease = null, lease_until = null, result = ${$.result}::text, failure = ${$.failure}::text,
        leads = case when ${$.failure}::text is null then greatest(leads, of_leads) else leads end,
        finished_at = ${$.at}::timestamptz
      where id = ${$.id}::text::uuid and lease = ${$.lease}::text::uuid`,
);

/** Keeps leads that ended otherwise. */
export async function insertSimulatedLeads(
  tx: Queryable,
  { id }: Pick<SimulationHold, "id">,
  leads: readonly DifferingLead[],
): Promise<void> {
  if (leads.length === 0) return;
  const rows = leads.map((lead) => ({ lead: lead.leadId, compared: JSON.stringify(lead) }));
  await insertLeads.run(tx, { id, rows: JSON.stringify(rows) });
}

const insertLeads = statement<unknown, { id: string; rows: string }>(
  "insert_simulated_leads",
  "unspread",
  ($) => sql`insert into simulated_leads (simulation_id, lead_id, compared)
      select ${$.id}::text::uuid, lead, compared
      from json_to_recordset(${$.rows}::text::json) as row (lead uuid, compared text)
      on conflict (simulation_id, lead_id) do nothing`,
);

/** The leads that ended otherwise, the newest first, those before the lead `before` (a UUID) only. */
export async function listSimulatedLeads(
  db: Queryable,
  simulation: string,
  before: string | null,
  limit: number,
): Promise<DifferingLead[]> {
  const rows = await selectLeads.run(db, { simulation, before, limit });
  return rows.map(({ compared }) => JSON.parse(compared) as DifferingLead);
}

const selectLeads = statement<
  { compared: string },
  { simulation: string; before: string | null; limit: number }
>(
  "select_simulated_leads",
  "unspread",
  ($) => sql`select compared from simulated_leads
      where simulation_id = ${$.simulation}::text::uuid and (${$.before}::text is null or lead_id < ${$.before}::text::uuid)
      order by lead_id desc limit ${$.limit}::text::integer`,
);
