import type { Sql } from "postgres";
import { DatabaseRefused } from "#database/database.ts";
import { SPREADING, type Spreading, spreadingInWords } from "#database/nodes/spreading.ts";

/** Something to be done to a table so that it stands on the nodes as it is to. */
export interface SpreadingStep {
  readonly table: string;
  /** As an operator reads it. */
  readonly words: string;
  /** In one transaction: a run that was cut short is gone on with at the step that was not done. */
  readonly statements: readonly string[];
}

/**
 * What is still to be done so that all tables are spread, on a client of the coordinator; nothing when they are.
 *
 * @throws DatabaseRefused with a sentence when it can't be done as it is.
 */
export async function stepsToSpread(client: Sql): Promise<SpreadingStep[]> {
  await refuseUnlessCoordinator(client);
  const done = new Set(await tablesOfCitus(client));
  const triggers = await readTriggers(client);
  const spread = Object.entries(SPREADING)
    .filter(([table, spreading]) => spreading !== "own" && !done.has(qualified(table)))
    .map(([table, spreading]) => ({
      table,
      words: spreadingInWords(spreading),
      statements: statementsFor(
        qualified(table),
        spreading,
        triggers.filter((each) => each.table === qualified(table)),
      ),
    }));
  return [...spread, ...(await stepsOnNodes(client))];
}

/** @throws DatabaseRefused */
async function refuseUnlessCoordinator(client: Sql): Promise<void> {
  const [citus] = await client<{ there: boolean }[]>`
    select to_regclass('pg_catalog.pg_dist_partition') is not null as there`;
  if (citus?.there !== true) throw new DatabaseRefused(NO_CITUS);
  const [node] = await client<{ isCoordinator: boolean; others: number }[]>`
    select (select groupid from pg_dist_local_group) = 0 as "isCoordinator",
      (select count(*)::int from pg_dist_node where groupid <> 0 and noderole = 'primary' and isactive) as others`;
  if (node?.isCoordinator !== true) throw new DatabaseRefused(NO_COORDINATOR);
  if (node.others === 0) throw new DatabaseRefused(NO_NODES);
}

const NO_CITUS =
  "This database has no Citus. On each node install it, name it in shared_preload_libraries and say create extension citus " +
  "in the database; on the coordinator then say citus_set_coordinator_host and, for each other node, citus_add_node.";

const NO_COORDINATOR =
  "This is a node that is not the coordinator of Citus. Tables are spread from there: set DATABASE_URL to the coordinator for " +
  "this command.";

const NO_NODES =
  "The coordinator knows no other node. Say citus_set_coordinator_host on it, and citus_add_node for each node.";

function qualified(table: string): string {
  return table.includes(".") ? table : `public.${table}`;
}

async function tablesOfCitus(client: Sql): Promise<string[]> {
  const rows = await client<{ name: string }[]>`
    select nspname || '.' || relname as name from pg_dist_partition
    join pg_class on pg_class.oid = logicalrelid join pg_namespace on pg_namespace.oid = relnamespace`;
  return rows.map(({ name }) => name);
}

interface Trigger {
  table: string;
  name: string;
  /** It says a word to whoever listens. */
  tells: boolean;
}

async function readTriggers(client: Sql): Promise<Trigger[]> {
  return await client<Trigger[]>`
    select nspname || '.' || relname as table, tgname as name,
      tgfoid = to_regproc('public.tell_change') as tells
    from pg_trigger join pg_class on pg_class.oid = tgrelid join pg_namespace on pg_namespace.oid = relnamespace
    where not tgisinternal and nspname in ('public', 'running')`;
}

/**
 * A word cannot be said in a transaction that several nodes prepare, as they do where each has the table: triggers that tell of changes go,
 * and servers look each second. What the coordinator had of the table itself is given back, unless a trigger lets nobody empty it.
 */
function statementsFor(table: string, spreading: Spreading, triggers: readonly Trigger[]): string[] {
  if (spreading === "one node") return [`select citus_add_local_table_to_metadata('${table}')`];
  const made =
    typeof spreading === "string"
      ? `create_reference_table('${table}')`
      : `create_distributed_table('${table}', '${spreading.by}'${table === FIRST ? "" : `, colocate_with => '${FIRST}'`})`;
  return [
    // Days are summed up of their hours, and where tables are spread not at all. Limits are given out anew: a backup is no one moment.
    ...(/^public\.(figure_day|buyer_(limits|grants|shares)$)/.test(table) ? [`delete from ${table}`] : []),
    ...triggers.filter(({ tells }) => tells).map(({ name }) => `drop trigger ${name} on ${table}`),
    `select ${made}`,
    ...(triggers.every(({ tells }) => tells)
      ? [`select truncate_local_data_after_distributing_table('${table}')`]
      : []),
  ];
}

/** The table whose shards the others that are spread by campaign go with. */
const FIRST = "public.campaigns";

/** Tables that each node has for itself are made on those that have none: nodes may be added later. */
async function stepsOnNodes(client: Sql): Promise<SpreadingStep[]> {
  const asked = "select coalesce(to_regclass('running.outcomes')::text, '')";
  const rows = await client<
    { there: string }[]
  >`select result as there from run_command_on_workers(${asked})`;
  if (rows.every(({ there }) => there !== "")) return [];
  return [
    {
      table: "running.outcomes",
      words: spreadingInWords("own"),
      statements: OUTCOMES.map((text) => `select run_command_on_workers($$${text}$$)`),
    },
  ];
}

/** As the migrations make it. */
const OUTCOMES = [
  `create table if not exists running.outcomes (
    id uuid primary key, is_made boolean not null, began_at timestamptz not null default now())`,
];

/**
 * Does the steps, and tells of each before it is done.
 *
 * @throws DatabaseRefused when something of the installation can't be spread as it is; nothing was done then.
 */
export async function spread(
  client: Sql,
  steps: readonly SpreadingStep[],
  tell: (step: SpreadingStep) => void,
): Promise<void> {
  await refuseWhatIsUnready(client);
  // The ledger's refuses whoever would change it, on whichever node that is: it reads and writes nothing.
  await client.unsafe("set citus.enable_unsafe_triggers = on");
  await client.unsafe("set citus.multi_shard_modify_mode = 'sequential'");
  for (const step of steps) {
    tell(step);
    await client.begin(async (tx) => {
      for (const text of step.statements) await tx.unsafe(text);
    });
  }
  // What a node says to a command that is run on all is no error of the command.
  const [left] = await stepsToSpread(client);
  if (left !== undefined)
    throw new DatabaseRefused(
      `Not every node has ${left.table} yet: see that all are there, and run it again.`,
    );
}

async function refuseWhatIsUnready(client: Sql): Promise<void> {
  const [found] = await client<{ servers: number; unfinished: boolean }[]>`
    select (select count(*)::int from running.servers where seen_at > now() - interval '25 seconds') as servers,
      exists (select 1 from unkeyed_leads) or exists (select 1 from unsealed) as unfinished`;
  if (found === undefined) throw new Error("a row was to come");
  if (found.servers > 0)
    throw new DatabaseRefused(
      `${found.servers} of the installation's servers are running, or did a moment ago. Stop them first.`,
    );
  if (found.unfinished)
    throw new DatabaseRefused(
      "What an earlier release wrote is still being brought up to date. Start a server of this version until its log says that it is done.",
    );
  await refuseWhatSpans(client);
}

/** What `apply` refuses of the document once tables are spread. */
async function refuseWhatSpans(client: Sql): Promise<void> {
  const [newest] = await client<{ dropsMonths: boolean }[]>`
    select (document::json ->> 'records_days') is not null as "dropsMonths" from configurations order by revision desc limit 1`;
  if (newest?.dropsMonths === true)
    throw new DatabaseRefused(
      "records_days is in force, and months of a database that is spread over nodes are not dropped. Take it out of the document first.",
    );
  const counted = await client<{ id: string }[]>`
    select id from buyers where archived_at is null and coalesce(definition -> 'duplicates', 'null') <> 'null' order by id`;
  if (counted.length > 0)
    throw new DatabaseRefused(
      `Buyers have a duplicate window of their own, which counts over campaigns of all nodes: ${counted
        .slice(0, 5)
        .map(({ id }) => id)
        .join(
          ", ",
        )}${counted.length > 5 ? " and others" : ""}. Give its campaigns a duplicate window instead, first.`,
    );
}
