import { afterAll, beforeAll, expect, test } from "bun:test";
import postgres, { type Sql } from "postgres";
import { uuidOfLead } from "#ids.ts";
import { aDocument } from "../support/leadgate.ts";
import { type Load, startLoad } from "../support/load.ts";
import { leads } from "../support/people.ts";
import { type PostgresServer, startPostgres } from "../support/postgres.ts";
import { startLeadgate } from "../support/process.ts";
import { expectSoundRecord } from "./record.ts";
import { chance } from "./rounds.ts";

let database: PostgresServer;
let operator: Sql;

beforeAll(async () => {
  database = await startPostgres({ settings: { track_commit_timestamp: "on" } });
  operator = postgres(database.url, { max: 1, onnotice: () => undefined });
}, 60_000);
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

  for (let change = 1; change <= 10; change++) {
    await load.acknowledging(load.acknowledged.length + chance(1, 100));
    const [changed, following] = change % 2 === 0 ? [one, other] : [other, one];
    const { revision } = await changed.configure(pricedAt(100 + change));
    expect(revision).toBe(first + change);
    await using next = await startLoad({ ports: [following.port], lines: 1, key, leads: leads(1) });
    await next.done;
    loads.push(next);
    expect(await revisionOf(next)).toBe(revision);
  }
  await load.finish();
  await Promise.all([one.stop(), other.stop()]);

  expect(await decidedByAnother()).toEqual([]);
  await expectSoundRecord({ settings, loads, servers: [one, other] });
}, 90_000);

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
    select leads.id, leads.revision, leads.price, in_force.price as price_in_force
    from leads left join in_force using (revision)
    where leads.price is distinct from in_force.price
      or not pg_xact_commit_timestamp(leads.xmin) between in_force.since and in_force.until`),
  ];
}
