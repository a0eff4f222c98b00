import { describe, expect, test } from "bun:test";
import type { Party } from "#access/party-key.ts";
import { createPartyKey, listPartyKeys, revokePartyKey } from "#access/party-key-records.ts";
import { readCampaign, readKeyHolder } from "#campaigns/campaign-records.ts";
import type { ConfigurationDocument } from "#campaigns/document.ts";
import { readRecipient } from "#campaigns/recipient-records.ts";
import { giveSecret } from "#changes/signing-secret.ts";
import { applyConfiguration, planConfiguration, RevisionConflict } from "#configuration/apply.ts";
import { readConfiguration } from "#configuration/configuration-records.ts";
import { builderOn } from "#database/builder.ts";
import type { Database } from "#database/database.ts";
import { campaigns, configurations, endpoints, ledger, signingSecrets } from "#database/tables.ts";
import { makeFirstSecrets } from "#delivery/recipients/signing-secret-records.ts";
import { addSuppressionKeys, isSuppressed } from "#suppression/entry-records.ts";
import { onBothDatabases } from "../support/database.ts";
import { addDelivery } from "./deliveries-on-record.ts";
import { fullDocument, withBuyer, withCampaign, withSupplier, withWebhook } from "./document-examples.ts";
import { addLead } from "./leads-on-record.ts";

const now = new Date("2026-03-04T12:00:00Z");
const by = { now, by: "test" };
const secretKey = new Uint8Array(32).fill(5);
const campaignId = "campaign_abc123";
const supplierId = "supplier_xyz789";
const supplier = (id: string): Party => ({ kind: "supplier", id });

onBothDatabases("applying a configuration", (world) => {
  const apply = (document: ConfigurationDocument, ifRevision?: number) =>
    applyConfiguration({ database: world.database, secretKey }, document, {
      ...by,
      ...(ifRevision === undefined ? {} : { ifRevision }),
    });
  const campaign = (id = campaignId) => world.database.read((db) => readCampaign(db, id));
  const actions = async (document: ConfigurationDocument) =>
    (await apply(document)).changes.map(({ action, id }) => `${id} ${action}`);
  const newKey = { name: null, expiresAt: null, secret: null };

  test("a configuration applied for the first time is revision 1 and gives every supplier its first key", async () => {
    const { revision, changes, createdKeys } = await apply(fullDocument());
    expect(revision).toBe(1);
    expect(changes.map(({ action }) => action)).toEqual(Array(5).fill("created"));
    expect(createdKeys).toMatchObject([{ supplierId, prefix: createdKeys[0]?.key.slice(0, 11) }]);
    const sha256 = new Bun.CryptoHasher("sha256").update(createdKeys[0]?.key ?? "").digest("hex");
    const holder = await world.database.read((db) => readKeyHolder(db, sha256, "header"));
    expect(holder).toMatchObject({ kind: "supplier", supplier: { id: supplierId } });
    expect(await campaign()).toMatchObject({ revision: 1, keys: [{ id: createdKeys[0]?.id }] });
  });

  test("a configuration that is applied keeps the document as the operator wrote it, with the ids that were made", async () => {
    await apply({ version: 1, suppliers: [{ name: "Acme" }] });
    const stored = await readConfiguration(world.database);
    const [supplier] = stored?.document.suppliers ?? [];
    expect(supplier).toEqual({ id: expect.stringMatching(/^supplier_/), name: "Acme" });
  });

  test("a configuration applied a second time changes nothing, whoever asks", async () => {
    const first = await apply(fullDocument());
    expect(await apply(fullDocument())).toEqual({ ...first, changes: [], createdKeys: [] });
    expect(await world.database.read((db) => builderOn(db).select().from(configurations))).toHaveLength(1);
  });

  test("a configuration raises the revision of the campaigns that decide otherwise, and of no others", async () => {
    const other = { id: "other", name: "Other" };
    const two = (document: ConfigurationDocument) => ({
      ...document,
      campaigns: [...(document.campaigns ?? []), other],
    });
    await apply(two(fullDocument()));
    const { revision } = await apply(two(withBuyer({ status: "paused" })));
    expect(revision).toBe(2);
    expect((await campaign())?.revision).toBe(2);
    expect((await campaign("other"))?.revision).toBe(1);
  });

  test("a configuration that touches only how leads are delivered is in force for the very next lead", async () => {
    await apply(fullDocument());
    await apply(withBuyer({ delivery: { method: "webhook", url: "https://elsewhere.example" } }));
    const after = await campaign();
    expect(after?.revision).toBe(2);
    expect(after?.definition.buyers[0]?.buyer.delivery).toMatchObject({
      url: "https://elsewhere.example",
    });
  });

  test("a configuration keeps the order of the names in a buyer's template", async () => {
    const template = { zip: "{zip_code}", a: "{email}", first: { z: "{first_name}", b: "{last_name}" } };
    const delivery = { method: "webhook", url: "https://buyer.example", format: "xml", template } as const;
    await apply(withBuyer({ delivery }));
    const stored = (await campaign())?.definition.buyers[0]?.buyer.delivery;
    expect(stored?.method === "webhook" && stored.template).toBe(JSON.stringify(template));
  });

  test("a configuration that adds a webhook raises the revision of the campaigns that it hears of, and of no others", async () => {
    const other = { id: "other", name: "Other" };
    const two = (document: ConfigurationDocument) => ({
      ...document,
      campaigns: [...(document.campaigns ?? []), other],
    });
    await apply(two(fullDocument()));
    await apply(two(withWebhook({ campaigns: [campaignId] })));
    expect(await campaign()).toMatchObject({ revision: 2, definition: { webhooks: [{ id: "books" }] } });
    expect((await campaign("other"))?.revision).toBe(1);
  });

  test("a configuration is refused when another revision is in force than it was made for", async () => {
    await apply(fullDocument(), 0);
    const late = apply(withBuyer({ status: "paused" }), 0);
    const refusal: unknown = await late.catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(RevisionConflict);
    expect(refusal).toMatchObject({ revision: 1 });
    expect((await readConfiguration(world.database))?.revision).toBe(1);
    expect(await apply(withBuyer({ status: "paused" }), 1)).toMatchObject({ revision: 2 });
  });

  test("a configuration applied twice at once on an empty database lets one be first", async () => {
    const results = await Promise.allSettled([
      apply(fullDocument(), 0),
      apply(withBuyer({ name: "Other" }), 0),
    ]);
    expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(await world.database.read((db) => builderOn(db).select().from(configurations))).toHaveLength(1);
  });

  test("many configurations applied at once leave what the last revision says", async () => {
    const names = ["a1", "b2", "c3", "d4", "e5", "f6"];
    const applied = await Promise.all(names.map((name) => apply(withCampaign({ name }))));
    expect(new Set(applied.map(({ revision }) => revision)).size).toBe(names.length);
    const stored = await readConfiguration(world.database);
    expect(stored?.revision).toBe(names.length);
    expect(await campaign()).toMatchObject({
      revision: names.length,
      definition: { name: stored?.document.campaigns?.[0]?.name },
    });
  });

  test("a configuration is written whole or not at all", async () => {
    await apply(fullDocument());
    const halfWay = world.database.write(async (tx) => {
      const inside = { ...world.database, write: <T>(work: (db: typeof tx) => Promise<T>) => work(tx) };
      await applyConfiguration({ database: inside, secretKey }, { version: 1 }, by);
      throw new Error("the power went");
    });
    expect(await halfWay.catch((error: unknown) => error)).toMatchObject({ message: "the power went" });
    expect((await readConfiguration(world.database))?.revision).toBe(1);
    expect(await campaign()).toMatchObject({ definition: { status: "active" } });
  });

  test("a configuration can be planned without writing anything", async () => {
    const planned = await planConfiguration({ database: world.database, secretKey }, fullDocument());
    expect(planned).toMatchObject({ revision: 0, changes: Array(5).fill({ action: "created" }) });
    expect(await readConfiguration(world.database)).toBeNull();
  });

  describe("that leaves a part out", () => {
    test("a configuration that leaves a resource out deletes it when nothing refers to it", async () => {
      await apply(fullDocument());
      expect(await actions({ version: 1 })).toEqual([
        "global-dnc deleted",
        "sunco-customers deleted",
        "supplier_xyz789 deleted",
        "buyer_abc deleted",
        "campaign_abc123 deleted",
      ]);
      expect(await campaign()).toBeUndefined();
      expect(await listPartyKeys(world.database, supplier(supplierId))).toBeNull();
    });

    test("a configuration that leaves a resource out archives one with leads, and a list with people on it", async () => {
      await apply(fullDocument());
      await addLead(world.database, { at: now });
      await world.database.write((tx) =>
        addSuppressionKeys(tx, "global-dnc", { keys: [crypto.randomUUID()], kinds: ["phone"] }, now),
      );
      expect(await actions({ version: 1 })).toEqual([
        "global-dnc archived",
        "sunco-customers deleted",
        "supplier_xyz789 archived",
        "buyer_abc archived",
        "campaign_abc123 archived",
      ]);
      expect(await campaign()).toMatchObject({ revision: 3, definition: { status: "archived" } });
    });

    test("a configuration that leaves a resource out archives a webhook and a buyer that something was to be sent to", async () => {
      await apply(withWebhook());
      await addDelivery(world.database, { recipient: "webhook:books" });
      await addDelivery(world.database, { recipient: "buyer:buyer_abc" });
      const left = await actions({ version: 1 });
      expect(left).toContain("books archived");
      expect(left).toContain("buyer_abc archived");
      expect(await world.database.read((db) => readRecipient(db, "webhook:books"))).toBeUndefined();
      expect(await actions(withWebhook())).toContain("books restored");
      expect(await world.database.read((db) => readRecipient(db, "webhook:books"))).toBeDefined();
    });

    test("a configuration that leaves a resource out archives a buyer that money was paid in for, though all of it is spent", async () => {
      await apply(fullDocument());
      await world.database.write(async (tx) => {
        const payment = { kind: "payment", buyerId: "buyer_abc", buyerAmount: "5" };
        await builderOn(tx)
          .insert(ledger)
          .values({ id: crypto.randomUUID(), at: now.toISOString(), ...payment });
      });
      expect(await actions({ version: 1 })).toContain("buyer_abc archived");
    });

    test("a buyer that is deleted takes its secrets and the state of its endpoint with it", async () => {
      await apply(withWebhook());
      const key = new Uint8Array(32).fill(1);
      await makeFirstSecrets(world.database, ["webhook:books", "buyer:buyer_abc", "buyer:stays"], key, now);
      await world.database.write(async (tx) => {
        await builderOn(tx)
          .insert(endpoints)
          .values([
            { recipient: "webhook:books", breaker: "{}" },
            { recipient: "buyer:buyer_abc", breaker: "{}" },
            { recipient: "buyer:stays", breaker: "{}" },
          ]);
      });
      const left = await actions({ version: 1 });
      expect(left).toContain("books deleted");
      expect(left).toContain("buyer_abc deleted");
      const [secrets, known] = await world.database.read((db) =>
        Promise.all([builderOn(db).select().from(signingSecrets), builderOn(db).select().from(endpoints)]),
      );
      expect(secrets.map((row) => row.recipient)).toEqual(["buyer:stays"]);
      expect(known.map((row) => row.recipient)).toEqual(["buyer:stays"]);
    });

    test("a buyer that is deleted while it is given a secret leaves none to the next with its id", async () => {
      await apply(withWebhook());
      // Deleted once it was asked for, if that was asked apart from what is written.
      const database: Database = new Proxy(world.database, {
        get(target, name) {
          if (name === "write")
            return async (...args: Parameters<Database["write"]>) => {
              await apply({ version: 1 });
              return target.write(...args);
            };
          const value: unknown = Reflect.get(target, name, target);
          return typeof value === "function" ? value.bind(target) : value;
        },
      });
      expect(await giveSecret("buyer:buyer_abc", 0, { database, secretKey }, by)).toBeUndefined();
      expect(await world.database.read((db) => builderOn(db).select().from(signingSecrets))).toEqual([]);
    });

    test("a configuration that leaves a resource out shuts an archived supplier out", async () => {
      const { createdKeys } = await apply(fullDocument());
      await addLead(world.database, { at: now });
      await apply({ version: 1 });
      const sha256 = new Bun.CryptoHasher("sha256").update(createdKeys[0]?.key ?? "").digest("hex");
      expect(await world.database.read((db) => readKeyHolder(db, sha256, "header"))).toBeUndefined();
      expect(await world.database.write((tx) => createPartyKey(tx, supplier(supplierId), newKey, now))).toBe(
        "no_such_party",
      );
    });

    test("a resource that is archived and brought back has it all again: keys, people on lists, and no new first key", async () => {
      await apply(fullDocument());
      await addLead(world.database, { at: now });
      const entry = crypto.randomUUID();
      await world.database.write((tx) =>
        addSuppressionKeys(tx, "global-dnc", { keys: [entry], kinds: ["phone"] }, now),
      );
      const keys = await listPartyKeys(world.database, supplier(supplierId));
      await apply({ version: 1 });
      const { changes, createdKeys } = await apply(fullDocument());
      expect(changes.map(({ action, id }) => `${id} ${action}`)).toContain("supplier_xyz789 restored");
      expect(createdKeys).toEqual([]);
      expect(await listPartyKeys(world.database, supplier(supplierId))).toEqual(keys);
      expect(await isSuppressed(world.database, "global-dnc", [entry])).toBe(true);
      expect(await campaign()).toMatchObject({ revision: 4, definition: { status: "active" } });
      const [row] = await world.database.read((db) => builderOn(db).select().from(campaigns));
      expect(row?.archivedAt).toBeNull();
    });
  });

  describe("and a supplier's keys", () => {
    test("a new key of a supplier is in force for the next lead of every campaign that the supplier is linked to", async () => {
      await apply({
        ...fullDocument(),
        campaigns: [...(fullDocument().campaigns ?? []), { id: "unlinked" }],
      });
      const created = await world.database.write((tx) =>
        createPartyKey(tx, supplier(supplierId), newKey, now),
      );
      expect(created).toMatchObject({ key: expect.stringMatching(/^lg_sup_/) });
      const { id } = created as { id: string };
      expect(await campaign()).toMatchObject({ revision: 2 });
      expect((await campaign())?.keys.map((key) => key.id)).toContain(id);
      expect((await campaign("unlinked"))?.revision).toBe(1);
    });

    test("a revoked key of a supplier is out of force at once, and revoking it again changes nothing", async () => {
      const { createdKeys } = await apply(fullDocument());
      const keyId = createdKeys[0]?.id ?? "";
      expect(
        await world.database.write((tx) =>
          revokePartyKey(tx, { party: supplier(supplierId), keyId, shownIn: "header" }, now),
        ),
      ).toBe(true);
      expect(await campaign()).toMatchObject({ revision: 2, keys: [] });
      expect(
        await world.database.write((tx) =>
          revokePartyKey(tx, { party: supplier(supplierId), keyId, shownIn: "header" }, now),
        ),
      ).toBe(true);
      expect(await campaign()).toMatchObject({ revision: 2 });
      expect(await listPartyKeys(world.database, supplier(supplierId))).toMatchObject([
        { id: keyId, revokedAt: now },
      ]);
    });

    test("another supplier's key cannot be revoked", async () => {
      const { createdKeys } = await apply({ version: 1, suppliers: [{ id: "s1" }, { id: "s2" }] });
      const [first] = createdKeys;
      expect(
        await world.database.write((tx) =>
          revokePartyKey(tx, { party: supplier("s2"), keyId: first?.id ?? "", shownIn: "header" }, now),
        ),
      ).toBe(false);
    });

    test("an imported key belongs to one supplier only", async () => {
      await apply({ version: 1, suppliers: [{ id: "s1" }, { id: "s2" }] });
      const imported = { ...newKey, secret: "moving-from-another-system-1" };
      expect(
        await world.database.write((tx) => createPartyKey(tx, supplier("s1"), imported, now)),
      ).toMatchObject({
        prefix: "movi",
      });
      expect(await world.database.write((tx) => createPartyKey(tx, supplier("s2"), imported, now))).toBe(
        "taken",
      );
    });

    test("no revision is given twice, whether keys or the configuration change", async () => {
      await apply(fullDocument());
      await world.database.write((tx) => createPartyKey(tx, supplier(supplierId), newKey, now));
      expect(await apply(withSupplier({ name: "Renamed" }))).toMatchObject({ revision: 3 });
      await world.database.write((tx) => createPartyKey(tx, supplier(supplierId), newKey, now));
      expect((await campaign())?.revision).toBe(4);
    });

    test("a key made while the configuration changes is not lost to either", async () => {
      await apply(fullDocument());
      const [created] = await Promise.all([
        world.database.write((tx) => createPartyKey(tx, supplier(supplierId), newKey, now)),
        apply(withSupplier({ name: "Renamed" })),
      ]);
      const after = await campaign();
      expect(after?.keys.map((key) => key.id)).toContain((created as { id: string }).id);
      expect(after?.definition.suppliers[0]?.supplier.name).toBe("Renamed");
      expect(after?.revision).toBe(3);
    });
  });
});
