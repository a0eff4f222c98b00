import { expect, test } from "bun:test";
import { type SQL, sql } from "drizzle-orm";
import type { Database } from "#database/database.ts";
import { leadIdOf, newUuid } from "#text/ids.ts";
import { onBothDatabases } from "../support/database.ts";
import { violations } from "../support/invariants.ts";
import { aDocument, aLead, type Leadgate, openLeadgate } from "../support/leadgate.ts";

/** Two sold leads of the first buyer, one of the second, and one that nobody could take; every party is capped. */
async function healthy(database: Database): Promise<Leadgate> {
  const leadgate = openLeadgate(database);
  const caps = { day: { leads: 10, amount: "1000.00" } };
  const buyers = { first: { caps, billing: { mode: "credit" as const, limit: "1000" } } };
  const contracts = {
    first: { caps, states: ["TX"] },
    second: { caps, states: ["OK"] },
    third: { states: ["OK"] },
  };
  await leadgate.configure(aDocument({ buyers, contracts, link: { caps } }));
  await leadgate.ingest("acme", aLead(), { "idempotency-key": "one" });
  await leadgate.ingest("acme", aLead(), { "idempotency-key": "two" });
  await leadgate.ingest("acme", aLead({ state: "OK" }));
  await leadgate.ingest("acme", aLead({ state: "NM" }));
  return leadgate;
}

const firstLead = sql`(select lead_id from sales where buyer_id = 'first' order by lead_id limit 1)`;
const copy = (changes: SQL) => sql`
  insert into leads select (jsonb_populate_record(leads, ${changes} || jsonb_build_object('id', ${newUuid()}::text))).*
  from leads where id = ${firstLead}`;

/** The first lead in the outbox, where it waits for ever. */
const sent = (...recipients: string[]) => sql`
  insert into deliveries (id, campaign_id, lead_id, recipient, event, content_type, body, state, attempts, next_at, give_up_at, created_at)
  select gen_random_uuid(), 'solar', ${firstLead}, recipient, 'lead.accepted', 'application/json', '{}', 'paused', 0, 'infinity', 'infinity', 'epoch'
  from json_array_elements_text(${JSON.stringify(recipients)}::text::json) as recipient`;

const DAMAGE: [string, SQL, RegExp][] = [
  [
    "a sold lead is lost",
    sql`delete from leads where id = ${firstLead}`,
    /contract first of solar: 2 leads .* on record are 1/,
  ],
  [
    "a lead of a buyer's is lost",
    sql`delete from leads where id = ${firstLead}`,
    /buyer first: 2 leads and 20.0000 are counted this total, on record are 1 and 10.0000/,
  ],
  [
    "a sale of a supplier is counted twice",
    sql`update campaign_counters set day_leads = day_leads + 1 where party = 'supplier'`,
    /supplier acme of solar: 4 leads and 15.0000 are counted this day, on record are 3 and 15.0000/,
  ],
  [
    "an amount is counted wrong by the smallest unit",
    sql`update buyer_counters set month_amount = month_amount + 0.0001`,
    /buyer first: 2 leads and 20.0001 are counted this month/,
  ],
  [
    "a period is begun again",
    sql`update campaign_counters set hour_leads = 0, hour_amount = 0`,
    /0 leads .* this hour/,
  ],
  [
    "a counter is lost",
    sql`delete from campaign_counters where party_id = 'second'`,
    /contract second of solar: sold and never/,
  ],
  [
    "a test lead is counted",
    sql`update leads set is_test = true where id = ${firstLead}`,
    /first of solar: 2 leads/,
  ],
  [
    "a cap is exceeded",
    sql`update campaigns set definition = jsonb_set(definition, '{buyers,0,caps,day,leads}', '1')`,
    /contract first of solar: over its cap of this day/,
  ],
  [
    "a buyer's cap in money is exceeded",
    sql`update buyers set definition = jsonb_set(definition, '{caps,day,amount}', '"19.99"')`,
    /buyer first: over its cap of this day/,
  ],
  [
    "a supplier's cap is exceeded",
    sql`update campaigns set definition = jsonb_set(definition, '{suppliers,0,caps,day,leads}', '2')`,
    /supplier acme of solar: over its cap of this day/,
  ],
  [
    "a buyer was charged for nothing",
    sql`update buyer_counters set balance = balance - 0.0001`,
    /first: the balance is not what was paid in/,
  ],
  [
    "what a buyer owes by hand is not what it was sold",
    sql`update campaign_counters set balance = balance + 0.0001 where party = 'contract' and party_id = 'second'`,
    /buyer second: the balance is -19.9999, by the ledger it is -20.0000/,
  ],
  [
    "a supplier is owed too much",
    sql`update campaign_counters set balance = balance + 0.0001 where party = 'supplier'`,
    /supplier acme: the balance is 15.0001, by the ledger it is 15.0000/,
  ],
  [
    "a wallet is charged with its campaign",
    sql`update campaign_counters set balance = -1 where party_id = 'first'`,
    /buyer first: owes -1.0000 in solar beside its own balance/,
  ],
  [
    "a credit is overdrawn",
    sql`update buyers set definition = jsonb_set(definition, '{billing,limit}', '"19.9999"') where id = 'first'`,
    /first: owes 20.0000, at most it may owe 19.9999/,
  ],
  [
    "a sale is undone and no event says so",
    sql`update sales set status = 'returned' where lead_id = ${firstLead}`,
    /: is returned, and the ledger has 0 events of that/,
  ],
  [
    "an event undoes a sale that stands",
    sql`insert into ledger (id, campaign_id, at, kind, buyer_id, supplier_id, buyer_amount, supplier_amount, currency, sale_id, lead_id)
      select gen_random_uuid(), campaign_id, sold_at, 'refusal', buyer_id, supplier_id, price, -payout, currency, id, lead_id
      from sales where lead_id = ${firstLead}`,
    /: the ledger undoes what stands/,
  ],
  [
    "figures have a sale too many",
    sql`update figures set sales = sales + 1 where buyer_id = 'first'`,
    /the figures of solar, acme and first at .* are no sum/,
  ],
  ["figures lack an hour", sql`delete from figures`, /the figures of solar, acme and first at .* are no sum/],
  [
    "totals have a sale too many",
    sql`update figure_totals set sales = sales + 1`,
    /the totals of solar at .* are no sum/,
  ],
  [
    "a day that is summed up lacks a buyer",
    sql`insert into figure_days select date_trunc('day', hour, 'UTC'), campaign_id, supplier_id, 'nobody', currency, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0
      from figures limit 1`,
    /the day .* of solar is no sum of its hours/,
  ],
  [
    "a lead has another buyer than it was given to",
    sql`update sales set buyer_id = 'third' where lead_id = ${firstLead}`,
    /: the trace gives it to \{first\}, and \{third\} has it/,
  ],
  [
    "a lead that nobody took was given to a buyer",
    sql`update leads set trace = (select trace from leads where id = ${firstLead}) where status = 'UNMATCHED'`,
    /: the trace gives it to \{first\}, and nobody has it/,
  ],
  [
    "a lead is sent to a buyer that does not have it",
    sent("buyer:second"),
    /: is sent to buyer:second, which does not/,
  ],
  [
    "a lead is not sent to its buyer",
    sql`update campaigns set definition = jsonb_set(definition, '{buyers,0,buyer,delivery}', '{"method": "webhook"}')`,
    /: is not sent to first, which has it/,
  ],
  [
    "something is sent of a lead that is nowhere",
    sql`insert into deliveries (id, campaign_id, lead_id, recipient, event, content_type, body, state, attempts, next_at, give_up_at, created_at)
      values (gen_random_uuid(), 'solar', gen_random_uuid(), 'webhook:books', 'lead.created', 'application/json', '{}', 'paused', 0,
        'infinity', 'infinity', 'epoch')`,
    /: is sent of a lead that is not on record/,
  ],
  [
    "a lead is held and nobody is asked about it",
    sql`update leads set status = 'PENDING' where id = ${firstLead}`,
    /: is held, and nobody asks its buyer/,
  ],
  ["a lead is sent twice", sent("buyer:first", "buyer:first"), /: is sent twice to buyer:first/],
  ["a person was sold twice", copy(sql`'{}'::jsonb`), /: both were accepted with the same phone/],
  [
    "a person was sold twice, by the e-mail alone",
    copy(sql`jsonb_build_object('fields', jsonb_set(leads.fields, '{phone}', '"+15125550199"'))`),
    /: both were accepted with the same email/,
  ],
  [
    "a lead has two idempotency keys",
    sql`update idempotency_keys set answer = (select answer from idempotency_keys order by created_at, key limit 1)`,
    /: two keys have the same lead/,
  ],
  [
    "an answer names no lead",
    sql`update idempotency_keys set answer = '{"error":"internal_error"}'`,
    /: the answer names no lead/,
  ],
  [
    "a supplier was told of a lead that is gone",
    sql`delete from leads where status = 'UNMATCHED'`,
    /: the supplier was told of a lead that is not on record as it was told/,
  ],
  [
    "a supplier was told of another ending",
    sql`update leads set status = 'REJECTED' where status = 'UNMATCHED'`,
    /: the supplier was told of a lead that is not on record as it was told/,
  ],
  [
    "a change of the configuration is not in the history",
    sql`delete from history`,
    /revision 1: the history has 0 changes/,
  ],
  [
    "a change is told twice",
    sql`insert into history select gen_random_uuid(), revision, at, by, via, restored, about, changes from history`,
    /revision 1: the history has 2 changes/,
  ],
];

onBothDatabases("invariants", (world) => {
  test("the check of everything on record finds nothing where nothing is wrong", async () => {
    const { acknowledged } = await healthy(world.database);
    expect(acknowledged).toHaveLength(4);
    expect(await violations(world.database, { acknowledged, deposits: { first: "0" } })).toEqual([]);
  });

  test.each(DAMAGE)("the check of everything on record finds when %s", async (_, damage, violation) => {
    const { acknowledged } = await healthy(world.database);
    await world.database.write((tx) => tx.execute(damage));
    const found = await violations(world.database, { acknowledged, deposits: { first: "0" } });
    expect(found.join("\n")).toMatch(violation);
  });

  test("the check of everything on record finds when a supplier was told of a lead that never was", async () => {
    const acknowledged = [{ id: leadIdOf(newUuid()), status: "ACCEPTED", buyer_id: "first" }];
    expect(await violations(world.database, { acknowledged })).toHaveLength(1);
  });

  test("the check of everything on record excuses leads of an ended period only where the clock went back", async () => {
    const leadgate = await healthy(world.database);
    leadgate.clock.set("2026-01-13T16:59:00.000Z");
    await leadgate.ingest("acme", aLead());
    expect((await violations(world.database)).join("\n")).toContain("this hour");
    expect(await violations(world.database, { clockWentBack: true })).toEqual([]);
  });

  test("the check of everything on record does not blame a cap for what was sold before it was set", async () => {
    const leadgate = await healthy(world.database);
    const contracts = { first: { caps: { day: { leads: 1 } } } };
    await leadgate.configure(aDocument({ contracts }));
    expect(await violations(world.database)).toEqual([]);
  });
});
