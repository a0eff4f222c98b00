import { beforeEach, expect, test } from "bun:test";
import { aLead, type Leadgate } from "../support/leadgate.ts";
import { journeys } from "./journeys.ts";

journeys("setting up part by part", (journey) => {
  let leadgate: Leadgate;
  let other: Leadgate;
  let key: string;
  beforeEach(async () => {
    leadgate = journey.leadgate;
    other = leadgate.another();
    const made = async (path: string, body: object) => {
      const reply = await leadgate.admin("POST", path, body);
      expect(reply.status).toBe(201);
      return reply.body.data;
    };
    const supplier = await made("/suppliers", { id: "acme" });
    key = supplier.created_keys[0].key;
    await made("/buyers", { id: "first" });
    await made("/buyers", { id: "second" });
    await made("/campaigns", {
      id: "solar",
      suppliers: [{ supplier: "acme" }],
      buyers: [
        { buyer: "first", price: "10.00", priority: 1 },
        { buyer: "second", price: "20.00", priority: 2 },
      ],
    });
  });

  async function send(to: Leadgate, lead = aLead()) {
    const { status, body } = await to.call("POST", "/api/v1/ingest", {
      headers: { "x-api-key": key, "content-type": "application/json" },
      body: JSON.stringify(lead),
    });
    return [status, body.data?.status ?? body.error, body.data?.buyer_id ?? null];
  }
  const change = async (from: Leadgate, method: string, path: string, body?: object) => {
    const reply = await from.admin(method, path, body);
    expect(reply.status).toBe(200);
    return reply.body;
  };

  test("each change of a part decides the very next lead, on every server", async () => {
    expect(await send(leadgate)).toEqual([201, "ACCEPTED", "first"]);
    expect(await send(other)).toEqual([201, "ACCEPTED", "first"]);
    await change(other, "PATCH", "/buyers/first", { status: "paused" });
    expect(await send(leadgate)).toEqual([201, "ACCEPTED", "second"]);
    await change(leadgate, "PATCH", "/buyers/second", { caps: { total: { leads: 1 } } });
    expect(await send(other)).toEqual([200, "UNMATCHED", null]);
    const { data } = await change(other, "POST", "/config/rollback", { revision: 4 });
    expect(data.changes).toHaveLength(2);
    expect(await send(leadgate)).toEqual([201, "ACCEPTED", "first"]);
    await change(leadgate, "PATCH", "/suppliers/acme", { status: "paused" });
    expect(await send(other)).toEqual([403, "inactive", null]);
  });

  test("an archived campaign's people are remembered when it is brought back", async () => {
    const lead = aLead();
    expect(await send(leadgate, lead)).toEqual([201, "ACCEPTED", "first"]);
    expect((await change(other, "DELETE", "/campaigns/solar")).data.action).toBe("archived");
    expect((await send(leadgate))[0]).toBe(404);
    await change(other, "PATCH", "/campaigns/solar", { status: "active" });
    expect(await send(leadgate, lead)).toEqual([200, "DUPLICATE", null]);
    expect(await send(leadgate)).toEqual([201, "ACCEPTED", "first"]);
  });

  test("of two patches of one state at once on two servers one wins, of two new parts both", async () => {
    const tag = (await leadgate.admin("GET", "/buyers/first")).headers.get("etag") ?? "";
    const patches = await Promise.all(
      [leadgate, other].map((server, index) =>
        server.admin("PATCH", "/buyers/first", { name: `name ${index}` }, { "if-match": tag }),
      ),
    );
    expect(patches.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409]);
    const added = await Promise.all(
      [leadgate, other].map((server, index) => server.admin("POST", "/buyers", { id: `new-${index}` })),
    );
    expect(added.map(({ status }) => status)).toEqual([201, 201]);
    expect((await leadgate.admin("GET", "/buyers")).body.data).toHaveLength(4);
  });
});
