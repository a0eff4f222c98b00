import { expect, test } from "bun:test";
import { sql } from "drizzle-orm";
import { readRecipients, rememberOpened } from "#campaigns/recipient-records.ts";
import { applyConfiguration } from "#configuration/apply.ts";
import { withDefaults } from "#configuration/defaults.ts";
import { identify } from "#configuration/identify.ts";
import { shownDocument } from "#configuration/secrets/document-secrets.ts";
import { sealStored } from "#configuration/secrets/seal-stored.ts";
import { wholeCampaigns } from "#configuration/whole-campaigns.ts";
import { onBothDatabases, type World } from "../support/database.ts";
import { withBuyer } from "./document-examples.ts";

const KEY = new Uint8Array(32).fill(9);
const SECRETS = /(HEADER|URL|PING|HOOK)SECRET/;
const by = { now: new Date("2026-03-04T12:00:00Z"), by: "test" };

const document = (token: string) => ({
  ...withBuyer({
    delivery: {
      method: "webhook" as const,
      url: `https://b.example/in?token=${token}`,
      headers: { authorization: "Bearer HEADERSECRET" },
      ping: { url: "https://b.example/ping?key=PINGSECRET" },
    },
  }),
  webhooks: [
    {
      id: "books",
      url: "https://b.example/?sig=HOOKSECRET1",
      headers: { "x-key": "HOOKSECRET2" },
      events: ["lead.created" as const],
    },
  ],
});

/** What the release before left in a database, with all its secrets in clear. */
async function storeInClear({ database }: World): Promise<void> {
  const [earlier, newest] = [document("URLSECRET1"), document("URLSECRET2")].map((each) =>
    identify(each, null),
  );
  if (earlier === undefined || newest === undefined) throw new Error("there are two");
  const complete = withDefaults(newest);
  const [campaign] = wholeCampaigns(complete);
  const [buyer] = complete.buyers;
  const [webhook] = complete.webhooks;
  const changes = [
    {
      kind: "buyer",
      id: buyer?.id,
      name: null,
      action: "changed",
      differences: [
        { path: "delivery.url", from: earlier.buyers?.[0], to: "https://b.example/in?token=URLSECRET2" },
        {
          path: "delivery",
          to: {
            url: "https://b.example/in?token=URLSECRET1",
            ping: { url: "https://b.example/ping?key=PINGSECRET" },
          },
        },
      ].map((each, index) =>
        index === 0 ? { ...each, from: "https://b.example/in?token=URLSECRET1" } : each,
      ),
    },
    {
      kind: "webhook",
      id: "books",
      name: null,
      action: "created",
      differences: [{ path: "url", to: "https://b.example/?sig=HOOKSECRET1" }],
    },
  ];
  await database.write(async (tx) => {
    for (const [index, each] of [earlier, newest].entries()) {
      await tx.execute(sql`insert into configurations (revision, document, applied_at, applied_by)
        values (${index + 1}, ${JSON.stringify(each)}, now(), 'test')`);
    }
    await tx.execute(
      sql`insert into buyers (id, definition) values (${buyer?.id}, ${JSON.stringify(buyer)}::jsonb)`,
    );
    await tx.execute(
      sql`insert into webhooks (id, definition) values ('books', ${JSON.stringify(webhook)}::jsonb)`,
    );
    await tx.execute(sql`insert into campaigns (id, revision, definition)
      values (${campaign?.id}, 2, ${JSON.stringify(campaign)}::jsonb)`);
    await tx.execute(sql`insert into archived_entries (kind, id, entry)
      values ('buyer', 'gone', ${JSON.stringify({ ...earlier.buyers?.[0], id: "gone" })})`);
    await tx.execute(sql`insert into history (id, revision, at, by, via, about, changes)
      values (gen_random_uuid(), 2, now(), 'test', 'document', '{}', ${JSON.stringify(changes)})`);
    for (const { kind, id } of [
      { kind: "suppliers", id: "supplier_xyz789" },
      { kind: "suppression_lists", id: "global-dnc" },
      { kind: "suppression_lists", id: "sunco-customers" },
    ]) {
      await tx.execute(sql`insert into ${sql.identifier(kind)} (id, definition) values (${id}, '{}'::jsonb)`);
    }
    for (const part of ["configurations", "archived_entries", "buyers", "webhooks", "campaigns", "history"]) {
      await tx.execute(sql`insert into unsealed values (${part})`);
    }
  });
}

async function textOf({ database }: World, table: string): Promise<string> {
  const rows = await database.read((db) =>
    db.execute<{ row: string }>(sql`select each::text as row from ${sql.identifier(table)} as each`),
  );
  return Array.from(rows, ({ row }) => row).join("\n");
}

const TABLES = ["configurations", "archived_entries", "buyers", "webhooks", "campaigns", "history"];

onBothDatabases("secrets that an earlier release stored in clear", (world) => {
  test("are in no row once they are sealed, which is done once", async () => {
    await storeInClear(world);
    for (const table of TABLES) expect(await textOf(world, table)).toMatch(SECRETS);
    expect(await sealStored(world.database, KEY)).toBe(true);
    for (const table of TABLES) expect(await textOf(world, table)).not.toMatch(SECRETS);
    expect(await sealStored(world.database, KEY)).toBe(false);
  });

  test("still reach whom they are for, and a document that keeps them changes nothing", async () => {
    await storeInClear(world);
    await sealStored(world.database, KEY);
    const recipients = await world.database.read((db) => readRecipients(db, rememberOpened(KEY)()));
    expect(recipients).toMatchObject([
      {
        delivery: {
          url: "https://b.example/in?token=URLSECRET2",
          headers: { authorization: "Bearer HEADERSECRET" },
          ping: { url: "https://b.example/ping?key=PINGSECRET" },
        },
      },
      { delivery: { url: "https://b.example/?sig=HOOKSECRET1", headers: { "x-key": "HOOKSECRET2" } } },
    ]);
    const store = { database: world.database, secretKey: KEY };
    const written = document("URLSECRET2");
    for (const same of [written, shownDocument(written)]) {
      expect(await applyConfiguration(store, same, by)).toMatchObject({ revision: 2, changes: [] });
    }
  });

  test("are on no page of an embedded database's tables", async () => {
    if (world.kind !== "embedded") return;
    await storeInClear(world);
    await sealStored(world.database, KEY);
    await world.database.write((tx) => tx.execute("checkpoint").catch(() => []));
    const files = await Array.fromAsync(new Bun.Glob("database/base/**").scan(world.settings.dataDir));
    expect(files.length).toBeGreaterThan(100);
    for (const file of files) {
      const bytes = await Bun.file(`${world.settings.dataDir}/${file}`).bytes();
      expect([file, SECRETS.test(Buffer.from(bytes).toString("latin1"))]).toEqual([file, false]);
    }
  });
});
