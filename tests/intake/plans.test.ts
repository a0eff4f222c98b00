import { afterAll, beforeAll, expect, test } from "bun:test";
import { type SQL, sql } from "drizzle-orm";
import type { Database, Queryable } from "#database/database.ts";
import type { DatabaseSettings } from "#database/engine/connect.ts";
import { discard, openFresh, postgresSettings } from "../support/database.ts";
import { aDocument, aLead, type Leadgate, openLeadgate, testClock } from "../support/leadgate.ts";

/** The tables that grow with the leads, or that every lead reads. */
const HOT = [
  "leads",
  "sales",
  "lead_keys",
  "buyer_duplicate_keys",
  "suppression_entries",
  "idempotency_keys",
  "campaign_counters",
  "buyer_counters",
  "campaigns",
  "deliveries",
];

const ROWS = 50_000;

let settings: DatabaseSettings;
let database: Database;
let leadgate: Leadgate;
/** By the statement's text, how the lane's connection reaches the rows of hot tables, as of the last lead. */
const scans = new Map<string, Scan[]>();

beforeAll(async () => {
  settings = await postgresSettings({ writers: 1, deadlineMs: 30_000 });
  database = await openFresh(settings);
  // The operator's statements are prepared on connections of their own: only the lane's are looked at.
  const others = await openFresh(settings);
  const keys = new Map<string, string>();
  const operator = openLeadgate(others, testClock(), keys);
  await operator.configure(
    aDocument({
      campaign: { suppression_lists: ["dnc"] },
      buyers: {
        first: { caps: { day: { leads: 1000 } }, duplicates: { fields: ["phone"], window_days: 30 } },
      },
      link: { caps: { day: { leads: 1000 } } },
      more: { suppression_lists: [{ id: "dnc", name: "Do not call" }] },
    }),
  );
  // Leads are looked up by the kinds of entries that their lists hold.
  await operator.admin("POST", "/suppression-lists/dnc/entries", { entries: [{ phone: "5125550100" }] });
  await operator.server.stop();
  await others.close();
  leadgate = openLeadgate(watched(database), testClock(), keys);
}, 120_000);

afterAll(async () => {
  await leadgate.server.stop();
  await database.close();
  await discard(settings);
});

test("every statement of a lane reaches its rows by an index, planned while the tables were empty", async () => {
  await takeIn();
  expectIndexes();
});

test("they still do once the tables are full, and once they are planned anew", async () => {
  for (const statement of FILL) await database.write((tx) => tx.execute(sql.raw(statement)));
  await takeIn();
  expectIndexes();
  await database.write((tx) => tx.execute(sql`analyze`));
  await takeIn();
  expectIndexes();
}, 120_000);

async function takeIn(): Promise<void> {
  scans.clear();
  const reply = await leadgate.ingest("acme", aLead(), { "idempotency-key": crypto.randomUUID() });
  expect(reply.status).toBe(201);
}

function expectIndexes(): void {
  const reached = new Set([...scans.values()].flat().map((each) => each.table));
  for (const table of [
    "sales",
    "lead_keys",
    "buyer_duplicate_keys",
    "suppression_entries",
    "idempotency_keys",
  ]) {
    expect(reached).toContain(table);
  }
  for (const [statement, found] of scans) {
    for (const scan of found) {
      expect({ ...scan, statement }).toMatchObject({ byIndex: true });
      // Whether a person is on a list is known by the index alone.
      if (scan.table === "suppression_entries") expect(scan.kind).toBe("Index Only Scan");
    }
  }
}

const FILL = [
  `insert into sales
   select gen_random_uuid(), 'solar', gen_random_uuid(), 'first', 1, 'sold', 1, 1, 'USD', now(), 'acme', false from generate_series(1, ${ROWS})`,
  `insert into lead_keys
   select gen_random_uuid(), 'solar', gen_random_uuid(), 'first', now() from generate_series(1, ${ROWS})`,
  `insert into buyer_duplicate_keys
   select gen_random_uuid(), 'first', gen_random_uuid(), now() from generate_series(1, ${ROWS})`,
  `insert into suppression_entries select gen_random_uuid(), 'dnc', now() from generate_series(1, ${ROWS})`,
  `insert into idempotency_keys
   select gen_random_uuid(), 'solar', gen_random_uuid(), 201, '{}', now() from generate_series(1, ${ROWS})`,
  `insert into campaign_counters
   select 'campaign-' || number, party, party_id, hour_start, hour_leads, hour_amount, day_start, day_leads, day_amount,
     week_start, week_leads, week_amount, month_start, month_leads, month_amount, total_leads, total_amount, last_turn, owed
   from campaign_counters, generate_series(1, 5000) as number`,
];

/** The database, where each transaction that writes is asked for its plans before it ends. */
function watched(database: Database): Database {
  return {
    ...database,
    write: (work) =>
      database.write(async (tx) => {
        const value = await work(tx);
        for (const [statement, plan] of await plansOf(tx)) scans.set(statement, scansIn(plan));
        return value;
      }),
  };
}

interface PlanNode {
  "Node Type": string;
  "Relation Name"?: string;
  "Index Cond"?: string;
  Plans?: PlanNode[];
}

/** The plans of the statements that this connection has prepared, as it would run them now: one each, for any parameters. */
async function plansOf(tx: Queryable): Promise<[string, PlanNode][]> {
  const prepared = await rowsOf<{ name: string; statement: string; parameters: number }>(
    tx,
    sql`select name, statement, cardinality(parameter_types) as parameters from pg_prepared_statements
        where statement ~* '^(select|insert|update|delete)' and statement !~ 'pg_prepared_statements'`,
  );
  const plans: [string, PlanNode][] = [];
  for (const { name, statement, parameters } of prepared) {
    const values = parameters === 0 ? "" : `(${Array(parameters).fill("null").join(", ")})`;
    const explain = sql.raw(`explain (costs off, format json) execute "${name}"${values}`);
    const [row] = await rowsOf<{ "QUERY PLAN": [{ Plan: PlanNode }] }>(tx, explain);
    if (row !== undefined) plans.push([statement, row["QUERY PLAN"][0].Plan]);
  }
  return plans;
}

async function rowsOf<Row extends Record<string, unknown>>(tx: Queryable, statement: SQL): Promise<Row[]> {
  const rows: unknown = await tx.execute(statement);
  return rows as Row[];
}

interface Scan {
  table: string;
  kind: string;
  byIndex: boolean;
}

/** How a plan reaches the rows of hot tables: by an index that is asked for certain keys, or by looking at all that there is. */
function scansIn(node: PlanNode): Scan[] {
  const below = (node.Plans ?? []).flatMap(scansIn);
  const table = node["Relation Name"]?.replace(/_(later|before_.*|20\d\d_.*)$/, "");
  if (table === undefined || !HOT.includes(table) || !node["Node Type"].endsWith("Scan")) return below;
  const asked = [node, ...(node.Plans ?? [])].some((each) => each["Index Cond"] !== undefined);
  return [...below, { table, kind: node["Node Type"], byIndex: asked }];
}
