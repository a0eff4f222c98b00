import { expect, test } from "bun:test";
import { sql } from "drizzle-orm";
import type { ConfigurationDocument } from "#campaigns/document.ts";
import type { Database } from "#database/database.ts";
import { backedUp, withCopy } from "../backup/round-trip.ts";
import { closeUsersOf } from "../support/closing.ts";
import { type Leadgate, openLeadgate } from "../support/leadgate.ts";
import {
  arrivals,
  delivering,
  deliveryJourneys,
  deliveryOf,
  giveSecret,
  liveClock,
  rowsOf,
  send,
  webhookTo,
} from "./delivery-journeys.ts";

const SECRETS = /HEADERSECRET|URLSECRET|PINGSECRET|HOOKSECRET/;

/** The text of every row of every table. */
async function allRows(database: Database): Promise<string> {
  return await database.read(async (db) => {
    const tables = await rowsOf<{ name: string }>(
      db,
      sql`select tablename as name from pg_tables where schemaname = 'public'`,
    );
    const texts: string[] = [];
    for (const { name } of tables) {
      const rows = await rowsOf<{ row: string }>(
        db,
        sql`select each::text as row from ${sql.identifier(name)} as each`,
      );
      texts.push(...rows.map(({ row }) => row));
    }
    return texts.join("\n");
  });
}

async function everythingShown(leadgate: Leadgate): Promise<string> {
  const paths = ["/config", "/buyers", "/buyers/first", "/webhooks", "/history", "/history/1", "/deliveries"];
  const answers = await Promise.all(paths.map((path) => leadgate.admin("GET", path)));
  const yaml = await leadgate.admin("GET", "/config", undefined, { accept: "application/yaml" });
  return JSON.stringify([answers.map(({ body }) => body), yaml.body]);
}

deliveryJourneys("credentials of recipients", (journey) => {
  async function configured(url: string, header = "Bearer HEADERSECRET1"): Promise<ConfigurationDocument> {
    return delivering(
      {
        first: webhookTo(
          { url: () => `${url}?token=URLSECRET1&zip={zip_code}` },
          {
            headers: { Authorization: header, "x-lead": "key-HEADERSECRET-{lead_id}" },
            confirm: false,
            ping: { url: `${url}?key=PINGSECRET1`, headers: { "x-api-key": "PINGSECRET2" } },
          },
        ),
      },
      {
        more: {
          webhooks: [
            {
              id: "books",
              url: `${url}?sig=HOOKSECRET1`,
              headers: { "x-key": "HOOKSECRET2" },
              events: ["lead.created"],
            },
          ],
        },
      },
    );
  }

  test("a secret in a header or a URL reaches its endpoint, and is nowhere shown, stored, backed up or logged", async () => {
    const { leadgate, database } = journey;
    const buyer = await journey.buyer();
    const document = await configured(buyer.url());
    await leadgate.configure(document);
    await giveSecret(leadgate, "/buyers/first", buyer);
    const lead = await send(leadgate, { zip_code: "78701" });
    await deliveryOf(leadgate, lead.id, "delivered").catch(() => undefined);
    const all = await arrivals(buyer, 1);
    const toBuyer = all.find(({ path }) => path.includes("zip="));
    expect(toBuyer?.path).toEndWith("?token=URLSECRET1&zip=78701");
    expect(toBuyer?.headers).toMatchObject({
      authorization: "Bearer HEADERSECRET1",
      "x-lead": `key-HEADERSECRET-${lead.id}`,
    });
    expect(await everythingShown(leadgate)).not.toMatch(SECRETS);
    expect(await allRows(database)).not.toMatch(SECRETS);
    expect(Buffer.from(Bun.gunzipSync(Buffer.from(await backedUp(database)))).toString()).not.toMatch(
      SECRETS,
    );
    expect(leadgate.logged.join("\n")).not.toMatch(SECRETS);
    expect((await leadgate.admin("GET", "/buyers/first")).body.data.delivery).toMatchObject({
      url: `${buyer.url()}?token=***&zip={zip_code}`,
      headers: { Authorization: "***", "x-lead": "***{lead_id}" },
      ping: { url: `${buyer.url()}?key=***`, headers: { "x-api-key": "***" } },
    });
  });

  test("a document that sends *** back keeps what is there, in another order and with another address too", async () => {
    const { leadgate } = journey;
    const buyer = await journey.buyer();
    await leadgate.configure(await configured(buyer.url()));
    await giveSecret(leadgate, "/buyers/first", buyer);
    const exported = (await leadgate.admin("GET", "/config")).body;
    const applied = await leadgate.admin("PUT", "/config", exported);
    expect(applied.body.data).toMatchObject({ revision: 1, changes: [] });

    const [first] = exported.buyers;
    first.delivery.url = `${buyer.url()}?zip={zip_code}&new=1&token=***`;
    first.delivery.headers = { authorization: "***", "x-new": "HEADERSECRET2" };
    const planned = await leadgate.admin("POST", "/config/plan", exported);
    expect(planned.body.data.changes).toMatchObject([
      {
        differences: [
          {
            path: "delivery.url",
            from: `${buyer.url()}?token=***&zip={zip_code}`,
            to: `${buyer.url()}?zip={zip_code}&new=1&token=***`,
          },
          { path: "delivery.headers.Authorization", from: "***" },
          { path: "delivery.headers.x-lead", from: "***{lead_id}" },
          { path: "delivery.headers.authorization", to: "***" },
          { path: "delivery.headers.x-new", to: "***" },
        ],
      },
    ]);
    expect((await leadgate.admin("PUT", "/config", exported)).status).toBe(200);
    await send(leadgate, { zip_code: "78701" });
    const [received] = await arrivals(buyer, 1);
    expect(received?.path).toEndWith("?zip=78701&new=1&token=URLSECRET1");
    expect(received?.headers).toMatchObject({
      authorization: "Bearer HEADERSECRET1",
      "x-new": "HEADERSECRET2",
    });
  });

  test("a patch changes one secret and keeps the others, and a rollback brings the one before back", async () => {
    const { leadgate } = journey;
    const buyer = await journey.buyer();
    await leadgate.configure(await configured(buyer.url()));
    await giveSecret(leadgate, "/buyers/first", buyer);
    const tag = (await leadgate.admin("GET", "/buyers/first")).headers.get("etag");
    const patched = await leadgate.admin("PATCH", "/buyers/first", {
      delivery: { headers: { Authorization: "Bearer HEADERSECRET2" } },
    });
    expect(patched.status).toBe(200);
    expect(patched.body.data.delivery.headers.Authorization).toBe("***");
    expect(patched.headers.get("etag")).not.toBe(tag);
    await send(leadgate, { zip_code: "78701" });
    const [second] = await arrivals(buyer, 1);
    expect(second?.headers.authorization).toBe("Bearer HEADERSECRET2");
    expect(second?.path).toContain("token=URLSECRET1");

    expect((await leadgate.admin("POST", "/config/rollback", { revision: 1 })).status).toBe(200);
    await send(leadgate, { zip_code: "78702" });
    const arrived = await arrivals(buyer, 2);
    expect(arrived.at(-1)?.headers.authorization).toBe("Bearer HEADERSECRET1");
    expect(await allRows(journey.database)).not.toMatch(SECRETS);
  });

  test("a rollback is planned with the credentials of then, also where nothing of them is kept any more", async () => {
    const { leadgate } = journey;
    const planned = async () =>
      (await leadgate.admin("POST", "/config/rollback/plan", { revision: 1 })).body.data;
    const done = async () => (await leadgate.admin("POST", "/config/rollback", { revision: 1 })).body.data;
    const first = await configured("https://b.example/in");
    await leadgate.configure(first);
    expect(await planned()).toMatchObject({ revision: 1, changes: [] });
    await leadgate.configure(await configured("https://b.example/in", "Bearer HEADERSECRET2"));
    const header = { path: "delivery.headers.Authorization", from: "***", to: "***" };
    const back = await planned();
    expect(back).toMatchObject({ revision: 2, changes: [{ id: "first", differences: [header] }] });
    expect((await done()).changes).toEqual(back.changes);
    await leadgate.configure({ version: 1 });
    const anew = await planned();
    expect(anew.changes.length).toBeGreaterThan(3);
    expect((await done()).changes).toEqual(anew.changes);
    expect(JSON.stringify([back, anew])).not.toMatch(SECRETS);
  });

  test("*** where nothing is kept is a mistake that names its place", async () => {
    const { leadgate } = journey;
    await leadgate.configure(await configured("https://b.example/in"));
    const message = "must be written out: *** stands for a value that is kept, and none is kept here";
    const patched = await leadgate.admin("PATCH", "/buyers/first", {
      delivery: { url: "https://b.example/in?secret=***", headers: { "x-other": "***" } },
    });
    expect(patched.status).toBe(400);
    expect(patched.body.field_errors).toEqual([
      { field: "delivery.url", code: "not_allowed", message },
      { field: "delivery.headers.x-other", code: "not_allowed", message },
    ]);
    const document = (await leadgate.admin("GET", "/config")).body;
    document.buyers[1].delivery = { method: "webhook", url: "https://b.example/in?token=***" };
    for (const [method, path] of [
      ["PUT", "/config"],
      ["POST", "/config/plan"],
    ] as const) {
      const refused = await leadgate.admin(method, path, document);
      expect(refused.status).toBe(400);
      expect(refused.body.field_errors).toEqual([
        { field: "buyers[1].delivery.url", code: "not_allowed", message },
      ]);
    }
  });

  test("a buyer that was archived comes back by a document with *** as it was", async () => {
    const { leadgate } = journey;
    const buyer = await journey.buyer();
    await leadgate.configure(await configured(buyer.url()));
    await giveSecret(leadgate, "/buyers/first", buyer);
    await send(leadgate, { zip_code: "78701" });
    await arrivals(buyer, 1);
    const whole = (await leadgate.admin("GET", "/config")).body;
    const without = structuredClone(whole);
    without.buyers = without.buyers.filter(({ id }: { id: string }) => id !== "first");
    without.campaigns[0].buyers = without.campaigns[0].buyers.filter(
      (each: { buyer: string }) => each.buyer !== "first",
    );
    expect((await leadgate.admin("PUT", "/config", without)).status).toBe(200);
    expect((await leadgate.admin("PUT", "/config", whole)).status).toBe(200);
    await send(leadgate, { zip_code: "78702" });
    const arrived = await arrivals(buyer, 2);
    expect(arrived.at(-1)?.headers.authorization).toBe("Bearer HEADERSECRET1");
  });

  test("what is restored from a backup under the same master key reaches its endpoint with its secrets", async () => {
    const { leadgate, database } = journey;
    const buyer = await journey.buyer();
    await leadgate.configure(await configured(buyer.url()));
    await giveSecret(leadgate, "/buyers/first", buyer);
    await withCopy(database, "embedded", async (copy) => {
      const keys = new Map([["acme", leadgate.keyOf("acme")]]);
      const restored = openLeadgate(copy, liveClock(), keys);
      await send(restored, { zip_code: "78701" });
      const [received] = await arrivals(buyer, 1);
      expect(received?.path).toContain("token=URLSECRET1");
      expect(received?.headers.authorization).toBe("Bearer HEADERSECRET1");
      await closeUsersOf(copy);
    });
  });

  test("a test that is sent to an endpoint carries its secrets, and is stored without", async () => {
    const { leadgate } = journey;
    const buyer = await journey.buyer();
    await leadgate.configure(await configured(buyer.url()));
    await giveSecret(leadgate, "/buyers/first", buyer);
    expect((await leadgate.admin("POST", "/buyers/first/test")).status).toBe(202);
    const [received] = await arrivals(buyer, 1);
    expect(received?.path).toContain("token=URLSECRET1");
    expect(await allRows(journey.database)).not.toMatch(SECRETS);
  });
});
