import { describe, expect, test } from "bun:test";
import type { ConfigurationDocument } from "#campaigns/document.ts";
import { aDocument, aLead, type Leadgate, openLeadgate, testClock } from "../support/leadgate.ts";
import { journeys } from "./journeys.ts";

/** Puts a document in force; its revision. */
async function apply(leadgate: Leadgate, document: ConfigurationDocument): Promise<number> {
  const { status, body } = await leadgate.admin("PUT", "/config", document);
  expect(status).toBe(200);
  return body.data.revision;
}

async function recordOf(leadgate: Leadgate, id: string) {
  return (await leadgate.admin("GET", `/leads/${id}`)).body.data;
}

async function sendWith(leadgate: Leadgate, key: string, lead = aLead()): Promise<number> {
  const headers = { "x-api-key": key, "content-type": "application/json" };
  return (await leadgate.call("POST", "/api/v1/ingest", { headers, body: JSON.stringify(lead) })).status;
}

journeys("changes while leads come in", (journey) => {
  describe("a configuration in force", () => {
    test("a configuration in force decides the very next lead, on the server that took it and on the others", async () => {
      const { leadgate } = journey;
      await leadgate.configure(aDocument());
      const servers = [leadgate, leadgate.another(), leadgate.another()];
      for (const server of servers) await server.ingest("acme", aLead());
      for (const price of ["11.00", "12.00", "13.00"]) {
        const revision = await apply(leadgate, aDocument({ contracts: { first: { price } } }));
        for (const server of servers) {
          const { body } = await server.ingest("acme", aLead());
          expect(await recordOf(leadgate, body.data.id)).toMatchObject({ price, revision });
        }
      }
    });

    test("a configuration takes in leads at once that the one before turned away at the door", async () => {
      const { leadgate } = journey;
      const other = leadgate.another();
      const fields = [{ name: "case_type", type: "text" as const, required: true }];
      const turnedAway: [ConfigurationDocument, number][] = [
        [aDocument({ campaign: { status: "paused" } }), 403],
        [aDocument({ campaign: { status: "archived" } }), 404],
        [aDocument({ campaign: { suppliers: [] } }), 403],
        [aDocument({ supplier: { status: "paused" } }), 403],
        [aDocument({ link: { status: "paused" } }), 403],
        [aDocument({ campaign: { fields } }), 400],
        [{ ...aDocument(), campaigns: [] }, 404],
      ];
      for (const [document, status] of turnedAway) {
        await leadgate.configure(document);
        expect((await other.ingest("acme", aLead())).status).toBe(status);
        await leadgate.configure(aDocument());
        expect((await other.ingest("acme", aLead())).status).toBe(201);
      }
    });

    test("a configuration turns away leads at once that the one before took in", async () => {
      const { leadgate } = journey;
      const other = leadgate.another();
      const fields = [{ name: "phone", type: "phone" as const, pattern: "[+]1999.*" }];
      for (const [document, status] of [
        [aDocument({ campaign: { status: "paused" } }), 403],
        [aDocument({ campaign: { suppliers: [] } }), 403],
        [aDocument({ campaign: { fields } }), 400],
        [aDocument({ supplier: { status: "paused" } }), 403],
      ] as const) {
        await leadgate.configure(aDocument());
        expect((await other.ingest("acme", aLead())).status).toBe(201);
        await leadgate.configure(document);
        expect((await other.ingest("acme", aLead())).status).toBe(status);
      }
    });

    test("each lead in flight is decided by one revision that was in force, and no older than its sending", async () => {
      const { leadgate } = journey;
      const to = (buyer: string) =>
        aDocument({ campaign: { buyers: [{ buyer, price: "10.00" }], duplicates: { fields: [] } } });
      await leadgate.configure(to("first"));
      const servers = [leadgate, leadgate.another()];
      const buyers = new Map<number, string>();
      let newest = 0;
      const sent: { id: string; buyer: string; atLeast: number }[] = [];

      async function reconfigure(): Promise<void> {
        for (const buyer of ["second", "third", "first", "second", "third", "first", "second", "third"]) {
          const revision = await apply(leadgate, to(buyer));
          buyers.set(revision, buyer);
          newest = revision;
        }
      }
      async function send(server: Leadgate): Promise<void> {
        while (buyers.size < 8) {
          const atLeast = newest;
          const { body } = await server.ingest("acme", aLead());
          sent.push({ id: body.data.id, buyer: body.data.buyer_id, atLeast });
        }
      }
      await apply(leadgate, to("third"));
      newest = await apply(leadgate, to("first"));
      const initial = newest;
      await Promise.all([
        reconfigure(),
        ...servers.flatMap((server) => [send(server), send(server), send(server)]),
      ]);
      buyers.set(initial, "first");

      const revisions = new Set<number>();
      for (const { id, buyer, atLeast } of sent) {
        const { revision } = await recordOf(leadgate, id);
        expect(buyer).toBe(buyers.get(revision) ?? "nobody: no such revision was in force");
        expect(revision).toBeGreaterThanOrEqual(atLeast);
        revisions.add(revision);
      }
      expect(revisions.size).toBeGreaterThan(2);
    });

    test("a configuration that removes a campaign answers 404 to all the leads that wait for it", async () => {
      const { leadgate } = journey;
      await leadgate.configure(aDocument());
      const keys = new Map([["acme", leadgate.keyOf("acme")]]);
      const slow = openLeadgate(journey.database, testClock(), keys, { maxBatch: 1 });
      expect((await slow.ingest("acme", aLead({ phone: "1" }))).status).toBe(400);
      await leadgate.configure({ ...aDocument(), campaigns: [] });
      const replies = await Promise.all(Array.from({ length: 5 }, () => slow.ingest("acme", aLead())));
      expect(replies.map(({ status, body }) => [status, body.error])).toEqual(
        Array.from({ length: 5 }, () => [404, "campaign_not_found"]),
      );
    });

    test("an entry of a suppression list counts for the next lead on every server, without a change of the configuration", async () => {
      const { leadgate } = journey;
      const more = { suppression_lists: [{ id: "dnc" }] };
      await leadgate.configure(
        aDocument({ campaign: { suppression_lists: ["dnc"], duplicates: { fields: [] } }, more }),
      );
      const other = leadgate.another();
      const lead = aLead();
      expect((await other.ingest("acme", lead)).status).toBe(201);
      await leadgate.admin("POST", "/suppression-lists/dnc/entries", { entries: [{ phone: lead["phone"] }] });
      expect((await other.ingest("acme", lead)).status).toBe(422);
      await leadgate.admin("DELETE", "/suppression-lists/dnc/entries", { phone: lead["phone"] });
      expect((await other.ingest("acme", lead)).status).toBe(201);
    });
  });

  describe("suppliers' keys", () => {
    test("a supplier's key that was revoked takes no further lead in, on any server, and another one goes on", async () => {
      const { leadgate } = journey;
      await leadgate.configure(aDocument());
      const other = leadgate.another();
      const made = await leadgate.admin("POST", "/suppliers/acme/keys", {});
      const { id, key } = made.body.data;
      expect([await sendWith(leadgate, key), await sendWith(other, key)]).toEqual([201, 201]);
      expect((await leadgate.admin("DELETE", `/suppliers/acme/keys/${id}`)).status).toBe(204);
      expect([await sendWith(leadgate, key), await sendWith(other, key)]).toEqual([401, 401]);
      expect(await sendWith(other, key, aLead({ phone: "1" }))).toBe(401);
      expect((await other.ingest("acme", aLead())).status).toBe(201);
    });

    test("a supplier's key that was just made or imported is good at once, on any server, also after it was tried too early", async () => {
      const { leadgate } = journey;
      await leadgate.configure(aDocument());
      const other = leadgate.another();
      const secret = "imported-from-the-old-system-42";
      expect(await sendWith(other, secret)).toBe(401);
      await leadgate.admin("POST", "/suppliers/acme/keys", { secret });
      const made = await leadgate.admin("POST", "/suppliers/acme/keys", {});
      expect([await sendWith(other, secret), await sendWith(other, made.body.data.key)]).toEqual([201, 201]);
    });

    test("a supplier's key is good until the moment at which it expires", async () => {
      const { leadgate } = journey;
      await leadgate.configure(aDocument());
      const expires_at = "2026-01-13T18:00:00Z";
      const { body } = await leadgate.admin("POST", "/suppliers/acme/keys", { expires_at });
      leadgate.clock.set("2026-01-13T17:59:59.999Z");
      expect(await sendWith(leadgate, body.data.key)).toBe(201);
      leadgate.clock.set("2026-01-13T18:00:00.000Z");
      expect(await sendWith(leadgate, body.data.key)).toBe(401);
    });

    test("a supplier's key ends with its supplier", async () => {
      const { leadgate } = journey;
      await leadgate.configure(aDocument());
      expect((await leadgate.ingest("acme", aLead())).status).toBe(201);
      await leadgate.configure({ ...aDocument({ campaign: { suppliers: [] } }), suppliers: [] });
      leadgate.clock.pass(5_000);
      expect((await leadgate.ingest("acme", aLead())).status).toBe(401);
    });
  });
});
