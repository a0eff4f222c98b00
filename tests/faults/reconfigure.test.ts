import { afterAll, beforeAll, expect, test } from "bun:test";
import postgres, { type Sql } from "postgres";
import { uuidOfLead } from "#text/ids.ts";
import { aDocument, OPERATOR_KEY } from "../support/leadgate.ts";
import { type Load, startLoad } from "../support/load.ts";
import { leads } from "../support/people.ts";
import { type PostgresServer, startPostgres } from "../support/postgres.ts";
import { type LeadgateProcess, startLeadgate } from "../support/process.ts";
import { expectSoundRecord } from "./record.ts";
import { chance } from "./rounds.ts";

let database: PostgresServer;
let operator: Sql;

beforeAll(async () => {
  database = await startPostgres({ settings: { track_commit_timestamp: "on" } });
  operator = postgres(database.url, { max: 1, onnotice: () => undefined });
}, 120_000);
afterAll(async () => {
  await operator.end();
  await database.stop();
});

/** Each change is another price, so that a lead's price tells by which configuration it was decided. */
function pricedAt(dollars: number) {
  return aDocument({ contracts: { first: { price: `${dollars}.00` } } });
}

test("ten changes on two servers under load: each lead is decided by the configuration in force as it is recorded", async () => {
  const settings = {
    databaseUrl: database.url,
    dataDir: "unused",
    connections: 2,
    writers: 2,
    deadlineMs: 60_000,
  };
  await using one = await startLeadgate(settings);
  await using other = await startLeadgate(settings);
  const { keys, revision: first } = await one.configure(pricedAt(100));
  const key = keys["acme"] ?? "";
  await using load = await startLoad({ ports: [one.port, other.port], lines: 32, key, leads: leads() });
  const loads = [load];

  const expectNextLeadsDecidedBy = async (revision: number) => {
    for (const { port } of [one, other]) {
      await using next = await startLoad({ ports: [port], lines: 1, key, leads: leads(1) });
      await next.done;
      loads.push(next);
      expect(await revisionOf(next)).toBe(revision);
    }
  };

  for (let change = 1; change <= 10; change += 2) {
    await load.acknowledging(load.acknowledged.length + chance(1, 100));
    const [putting, patching] = change % 4 === 1 ? [one, other] : [other, one];
    // Both at once, in whichever order they come: neither may be lost, nor half of one be mixed with the other.
    const revisions = await Promise.all([
      putting.configure(pricedAt(100 + change)).then(({ revision }) => revision),
      patch(patching, "/campaigns/solar", { buyers: pricedAt(101 + change).campaigns?.[0]?.buyers }),
    ]);
    expect(revisions.toSorted((a, b) => a - b)).toEqual([first + change, first + change + 1]);
    await expectNextLeadsDecidedBy(first + change + 1);
  }
  const { revision: back } = await rollBack(other, first);
  expect(back).toBe(first + 11);
  await expectNextLeadsDecidedBy(back);
  await load.finish();
  await Promise.all([one.stop(), other.stop()]);

  expect(await decidedByAnother()).toEqual([]);
  expect(await historyAndDocuments()).toEqual({ changes: 12, documents: 12, first: true });
  await expectSoundRecord({ settings, loads, servers: [one, other] });
}, 120_000);

async function patch({ url }: LeadgateProcess, path: string, change: unknown): Promise<number> {
  const { revision } = await asked(`${url}/api/v1/admin${path}`, "PATCH", change);
  return Number(revision);
}

async function rollBack({ url }: LeadgateProcess, revision: number): Promise<{ revision: number }> {
  const { data } = await asked(`${url}/api/v1/admin/config/rollback`, "POST", { revision });
  return data as { revision: number };
}

async function asked(url: string, method: string, body: unknown): Promise<Record<string, unknown>> {
  const response = await fetch(url, {
    method,
    keepalive: false,
    headers: { authorization: `Bearer ${OPERATOR_KEY}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`refused: ${text}`);
  return JSON.parse(text) as Record<string, unknown>;
}

/** How many changes and documents are on record, and whether the last document is the first one's very text. */
async function historyAndDocuments(): Promise<unknown> {
  const [counted] = await operator`
    select (select count(*)::int from history) as changes, count(*)::int as documents,
      (array_agg(document order by revision))[1] = (array_agg(document order by revision desc))[1] as first
    from configurations`;
  return { ...counted };
}

async function revisionOf({ acknowledged }: Load): Promise<unknown> {
  const id = uuidOfLead(acknowledged[0]?.id ?? "") ?? null;
  const [lead] = await operator<{ revision: number }[]>`select revision from leads where id = ${id}`;
  return lead?.revision;
}

/** Leads with another price than their revision's, or committed before it was in force or after the next one was. */
async function decidedByAnother(): Promise<unknown[]> {
  return [
    ...(await operator`
    with in_force as (
      select revision, (document::json #>> '{campaigns,0,buyers,0,price}')::numeric as price,
        pg_xact_commit_timestamp(xmin) as since,
        lead(pg_xact_commit_timestamp(xmin), 1, 'infinity') over (order by revision) as until
      from configurations)
    select leads.id, leads.revision, sales.price, in_force.price as price_in_force
    from leads left join sales on sales.lead_id = leads.id left join in_force using (revision)
    where sales.price is distinct from in_force.price
      or not pg_xact_commit_timestamp(leads.xmin) between in_force.since and in_force.until`),
  ];
}
