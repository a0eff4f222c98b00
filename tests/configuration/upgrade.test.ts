import { afterEach, beforeEach, expect, test } from "bun:test";
import postgres from "postgres";
import type { ConfigurationDocument } from "#campaigns/document.ts";
import { withDefaults } from "#configuration/defaults.ts";
import { identify } from "#configuration/identify.ts";
import { wholeCampaigns } from "#configuration/whole-campaigns.ts";
import type { DatabaseSettings } from "#database/engine/connect.ts";
import { migrate, stepsUpTo } from "#database/migrate.ts";
import { discard, openFresh, postgresSettings } from "../support/database.ts";
import recorded from "./stored-in-camel-case.json" with { type: "json" };

/** The last step of the releases that stored definitions under names of their own. */
const BEFORE = 1795432456848;

/** What such a release stored of `document`: kept from it, not made here. */
const { stored } = recorded;
const document = recorded.document as ConfigurationDocument;

let settings: DatabaseSettings;
let client: postgres.Sql;
beforeEach(async () => {
  settings = await postgresSettings();
  client = postgres(settings.databaseUrl ?? "", { max: 1, onnotice: () => undefined });
  await migrate(client, stepsUpTo(BEFORE));
});
afterEach(async () => {
  await client.end();
  await discard(settings);
});

type Row = { id: string };

async function insert(table: string, definitions: Row[]) {
  for (const definition of definitions) {
    const values = { id: definition.id, definition: client.json(definition) };
    await client`insert into ${client(table)} ${client(table === "campaigns" ? { ...values, revision: 1 } : values)}`;
  }
}

async function definitionsIn(table: string): Promise<unknown[]> {
  const rows = await client`select definition from ${client(table)} order by id`;
  return rows.map((row) => row.definition);
}

const byId = (definitions: Row[]) => definitions.toSorted((one, other) => (one.id < other.id ? -1 : 1));
/** As it comes back from JSON. */
const asStored = (value: unknown) => JSON.parse(JSON.stringify(value));

test("what an earlier release stored of a configuration becomes what this one stores of it", async () => {
  await insert("suppliers", stored.suppliers);
  await insert("buyers", stored.buyers);
  await insert("webhooks", stored.webhooks);
  await insert("campaigns", stored.campaigns);
  await migrate(client);
  const complete = withDefaults(identify(document, null));
  expect(await definitionsIn("suppliers")).toEqual(asStored(byId(complete.suppliers)));
  expect(await definitionsIn("buyers")).toEqual(asStored(byId(complete.buyers)));
  expect(await definitionsIn("webhooks")).toEqual(asStored(byId(complete.webhooks)));
  expect(await definitionsIn("campaigns")).toEqual(asStored(byId(wholeCampaigns(complete))));
});

test("what the first release did not know of yet is stored as if it had been left out", async () => {
  const [bare] = stored.campaigns.filter(({ id }) => id === "roofs");
  if (bare === undefined) throw new Error("there is no such campaign");
  const { mode: _0, pingBudgetMs: _1, margin: _2, minPrice: _3, ...older } = bare;
  const { allowLoss: _4, maxSells: _5, piiDays: _6, ...first } = older;
  const [contract] = first.contracts;
  const { priceRules: _7, exclusive: _8, ...firstContract } = contract ?? {};
  const stripped = {
    ...first,
    suppliers: first.suppliers.map(({ margin: _, ...link }) => link),
    contracts: [firstContract],
  };
  await insert("campaigns", [stripped]);
  await migrate(client);
  const [expected] = wholeCampaigns(withDefaults(identify(document, null))).filter(
    ({ id }) => id === "roofs",
  );
  expect(await definitionsIn("campaigns")).toEqual([asStored(expected)]);
});

test("the functions that an upgrade spells definitions anew with are gone after it", async () => {
  await migrate(client);
  expect([...(await client`select from pg_proc where pronamespace = 'drizzle'::regnamespace`)]).toEqual([]);
});

test("a database of this release opens without anything to upgrade", async () => {
  await migrate(client);
  await client.end();
  await (await openFresh(settings)).close();
  client = postgres(settings.databaseUrl ?? "", { max: 1, onnotice: () => undefined });
});
