import { expect, test } from "bun:test";
import { hashKey } from "#access/api-key.ts";
import { builderOn } from "#database/builder.ts";
import { operatorKeys } from "#database/tables.ts";
import { aDocument, aLead, type Leadgate, OPERATOR_KEY, type Reply } from "../support/leadgate.ts";
import { openLine } from "../support/line.ts";
import { journeys } from "./journeys.ts";

const HOUR = 3_600_000;

/** Asks the operator API with a key of its own. */
function as(leadgate: Leadgate, key: string) {
  return (method: string, path: string, body?: unknown) =>
    leadgate.admin(method, path, body, { authorization: `Bearer ${key}` });
}

function without(reply: Reply, name: string): unknown {
  const { [name]: _, ...rest } = reply.body;
  return rest;
}

async function makeOperatorKey(leadgate: Leadgate, role: string, over: object = {}) {
  const made = await leadgate.admin("POST", "/operator-keys", { name: `to ${role}`, role, ...over });
  expect(made.status).toBe(201);
  return made.body.data as { id: string; key: string; prefix: string };
}

journeys("operators' keys", (journey) => {
  test("an operator's key is good on every server as soon as it is made, and on none as soon as it is revoked", async () => {
    const { leadgate } = journey;
    const other = leadgate.another();
    const { id, key, prefix } = await makeOperatorKey(leadgate, "read");
    expect(key).toMatch(/^lg_read_[0-9A-Za-z]{38}$/);
    expect(key).toStartWith(prefix);
    for (const server of [leadgate, other])
      expect((await as(server, key)("GET", "/config")).status).toBe(200);
    expect((await other.admin("DELETE", `/operator-keys/${id}`)).status).toBe(204);
    for (const server of [leadgate, other])
      expect((await as(server, key)("GET", "/config")).status).toBe(401);
    expect((await other.admin("DELETE", `/operator-keys/${id}`)).status).toBe(204);
  });

  test("an operator's key is answered alike when it is unknown, malformed, revoked or expired", async () => {
    const { leadgate } = journey;
    const revoked = await makeOperatorKey(leadgate, "admin");
    await leadgate.admin("DELETE", `/operator-keys/${revoked.id}`);
    const { key } = await makeOperatorKey(leadgate, "admin", { expires_at: "2026-01-13T18:00:00Z" });
    expect((await as(leadgate, key)("GET", "/config")).status).toBe(200);
    leadgate.clock.pass(HOUR);
    const answers: unknown[] = [];
    for (const bad of [key, revoked.key, `lg_admin_${"0".repeat(38)}`, "nonsense"]) {
      const answer = await as(leadgate, bad)("GET", "/config");
      answers.push([answer.status, without(answer, "request_id")]);
    }
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]).toMatchObject([401, { error: "unauthorized" }]);
  });

  test("an operator's key without the role is told which one it would need", async () => {
    const { leadgate } = journey;
    const { key } = await makeOperatorKey(leadgate, "operate");
    const answer = await as(leadgate, key)("PUT", "/config", aDocument());
    expect([answer.status, answer.body.error, answer.body.message]).toEqual([
      403,
      "forbidden",
      "This needs an operator key with the role admin.",
    ]);
    expect((await leadgate.admin("GET", "/config")).body).toEqual({ version: 1 });
  });

  test("an operator's key is kept as its hash alone, and names its holder in the history", async () => {
    const { leadgate, database } = journey;
    const { id, key } = await makeOperatorKey(leadgate, "admin", { name: "Ada" });
    expect((await as(leadgate, key)("PUT", "/config", aDocument())).status).toBe(200);
    const [newest] = (await leadgate.admin("GET", "/history")).body.data;
    expect(newest.by).toBe(`Ada (${id})`);
    const rows = await database.read((db) => builderOn(db).select().from(operatorKeys));
    expect(rows.map((row) => Buffer.from(row.sha256).toString("hex"))).toEqual([
      Buffer.from(hashKey(key)).toString("hex"),
    ]);
    const listed = JSON.stringify((await leadgate.admin("GET", "/operator-keys")).body);
    for (const text of [listed, JSON.stringify(rows), leadgate.logged.join()])
      expect(text).not.toContain(key);
  });

  test("an operator's key may revoke every other and itself: the key of the settings is always a way in", async () => {
    const { leadgate } = journey;
    const keys = [await makeOperatorKey(leadgate, "admin"), await makeOperatorKey(leadgate, "admin")];
    const [mine] = keys;
    const call = as(leadgate, mine?.key ?? "");
    for (const { id } of keys.toReversed())
      expect((await call("DELETE", `/operator-keys/${id}`)).status).toBe(204);
    expect((await call("GET", "/operator-keys")).status).toBe(401);
    const { data } = (await leadgate.admin("GET", "/operator-keys")).body;
    expect(data.map(({ status }: { status: string }) => status)).toEqual(["revoked", "revoked"]);
    expect((await leadgate.admin("DELETE", "/operator-keys/opkey_none")).status).toBe(404);
  });

  test("an operator's key is refused with all that is wrong with it", async () => {
    const { leadgate } = journey;
    const answer = await leadgate.admin("POST", "/operator-keys", {
      role: "owner",
      expires_at: "soon",
      colour: 1,
    });
    expect(answer.status).toBe(400);
    expect(
      answer.body.field_errors.map((error: { field: string; code: string }) => [error.field, error.code]),
    ).toEqual([
      ["colour", "unknown_field"],
      ["name", "required"],
      ["role", "not_allowed"],
      ["expires_at", "invalid_format"],
    ]);
    expect((await leadgate.admin("GET", "/operator-keys")).body.data).toEqual([]);
  });
});

journeys("rotated keys", (journey) => {
  const send = (leadgate: Leadgate, key: string) =>
    leadgate.call("POST", "/api/v1/ingest", {
      headers: { "x-api-key": key, "content-type": "application/json" },
      body: JSON.stringify(aLead()),
    });
  const firstKey = async (leadgate: Leadgate) => {
    const [{ id }] = (await leadgate.admin("GET", "/suppliers/acme/keys")).body.data;
    return { id: id as string, key: leadgate.keyOf("acme") };
  };
  const rotate = (leadgate: Leadgate, id: string, body?: unknown) =>
    leadgate.admin("POST", `/suppliers/acme/keys/${id}/rotate`, body);

  test("a supplier's key that is rotated stays good beside the new one for a day, and then ends on every server", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument());
    const other = leadgate.another();
    const old = await firstKey(leadgate);
    expect((await send(other, old.key)).status).toBe(201);
    const rotated = await rotate(leadgate, old.id);
    expect(rotated.status).toBe(201);
    const { key, replaced } = rotated.body.data;
    expect(replaced).toEqual({ id: old.id, expires_at: "2026-01-14T17:00:00.000Z" });
    for (const server of [leadgate, other]) {
      for (const each of [old.key, key]) expect((await send(server, each)).status).toBe(201);
    }
    leadgate.clock.pass(24 * HOUR);
    for (const server of [leadgate, other]) {
      expect((await send(server, old.key)).status).toBe(401);
      expect((await send(server, key)).status).toBe(201);
    }
  });

  test("a supplier's key that is rotated with no overlap ends at once, on every server", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument());
    const other = leadgate.another();
    const old = await firstKey(leadgate);
    for (const server of [leadgate, other]) expect((await send(server, old.key)).status).toBe(201);
    const { key } = (await rotate(leadgate, old.id, { overlap_seconds: 0 })).body.data;
    for (const server of [leadgate, other]) {
      expect((await send(server, old.key)).status).toBe(401);
      expect((await send(server, key)).status).toBe(201);
    }
  });

  test("a key that is rotated never lives longer than it would have", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument());
    const made = await leadgate.admin("POST", "/suppliers/acme/keys", { expires_at: "2026-01-13T18:00:00Z" });
    const { replaced } = (await rotate(leadgate, made.body.data.id)).body.data;
    expect(replaced.expires_at).toBe("2026-01-13T18:00:00.000Z");
  });

  test("only a live key can be rotated, and only that supplier's", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument());
    const { id } = await firstKey(leadgate);
    await leadgate.admin("DELETE", `/suppliers/acme/keys/${id}`);
    expect((await rotate(leadgate, id)).body.error).toBe("conflict");
    expect((await rotate(leadgate, "key_none")).status).toBe(404);
    expect((await leadgate.admin("POST", `/suppliers/nobody/keys/${id}/rotate`)).status).toBe(404);
    const answer = await rotate(leadgate, id, { overlap_seconds: -1, colour: 1 });
    expect(answer.body.field_errors.map(({ field }: { field: string }) => field)).toEqual([
      "colour",
      "overlap_seconds",
    ]);
  });
});

journeys("last uses", (journey) => {
  test("the last use of a key is shown at once by the server that saw it, and by every other once it has written it down", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument());
    const other = leadgate.another();
    const { key } = await makeOperatorKey(leadgate, "admin");
    const lastUses = async (server: Leadgate) => {
      const supplier = (await server.admin("GET", "/suppliers/acme/keys")).body.data;
      const operator = (await server.admin("GET", "/operator-keys")).body.data;
      return [supplier[0].last_used_at, operator[0].last_used_at];
    };
    expect(await lastUses(leadgate)).toEqual([null, null]);
    await leadgate.ingest("acme", aLead());
    leadgate.clock.pass(1_500);
    await leadgate.ingest("acme", aLead());
    await as(leadgate, key)("GET", "/config");
    const at = "2026-01-13T17:00:01.500Z";
    expect(await lastUses(leadgate)).toEqual([at, at]);
    expect(await lastUses(other)).toEqual([null, null]);
    await leadgate.server.stop();
    expect(await lastUses(other)).toEqual([at, at]);
  });
});

const GUESSES = 10_000;
const LINES = 32;

/** A server with a socket, in front of which a proxy on this machine says where requests come from. */
async function overTheWire(leadgate: Leadgate) {
  const port = await leadgate.server.listen("127.0.0.1", 0);
  const ask = (line: Awaited<ReturnType<typeof openLine>>, from: string, path: string, header: string) =>
    line.ask(`GET ${path} HTTP/1.1\r\nhost: leadgate\r\nx-forwarded-for: ${from}\r\n${header}\r\n\r\n`);
  return {
    async once(from: string, path: string, header: string) {
      const line = await openLine(port);
      try {
        return await ask(line, from, path, header);
      } finally {
        line.close();
      }
    },
    /** Asks `count` times over several lines at once; how often each status was answered. */
    async often(count: number, asked: (index: number) => [from: string, path: string, header: string]) {
      const statuses: Record<number, number> = {};
      let next = 0;
      const work = async () => {
        const line = await openLine(port);
        while (next < count) {
          const { httpStatus } = await ask(line, ...asked(next++));
          statuses[httpStatus] = (statuses[httpStatus] ?? 0) + 1;
        }
        line.close();
      };
      await Promise.all(Array.from({ length: LINES }, work));
      return statuses;
    },
  };
}

const LEAD = "/api/v1/leads/lead_none";
const CONFIG = "/api/v1/admin/config";
const supplierKey = (key: string) => `x-api-key: ${key}`;
const operatorKey = (key: string) => `authorization: Bearer ${key}`;

journeys("guessed keys", (journey) => {
  test("keys that are guessed ten thousand times from one address are looked at twenty times; good keys go on", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument());
    const { key: operator } = await makeOperatorKey(leadgate, "read");
    const { once, often } = await overTheWire(leadgate);
    const [attacker, neighbour] = ["198.51.100.7", "198.51.100.8"];
    const good = supplierKey(leadgate.keyOf("acme"));
    expect((await once(attacker, LEAD, good)).httpStatus).toBe(404);
    expect((await once(attacker, CONFIG, operatorKey(operator))).httpStatus).toBe(200);

    const statuses = await often(GUESSES, (index) => [
      attacker,
      LEAD,
      supplierKey(`a-guess-of-mine-${index}`),
    ]);
    expect(statuses).toEqual({ 401: 20, 429: GUESSES - 20 });

    const refused = await once(attacker, CONFIG, operatorKey("lg_admin_guess"));
    expect(refused.httpStatus).toBe(429);
    expect(refused.head).toContain("retry-after: 3");
    expect(JSON.parse(refused.body)).toMatchObject({ error: "rate_limited", retry_after: 3 });
    expect((await once(attacker, LEAD, good)).httpStatus).toBe(404);
    expect((await once(attacker, CONFIG, operatorKey(operator))).httpStatus).toBe(200);
    expect((await once(attacker, CONFIG, operatorKey(OPERATOR_KEY))).httpStatus).toBe(200);
    expect((await once(attacker, LEAD, "accept: */*")).httpStatus).toBe(401);

    expect((await once(neighbour, LEAD, supplierKey("a-guess"))).httpStatus).toBe(401);
    leadgate.clock.pass(3_000);
    expect((await once(attacker, LEAD, supplierKey("a-guess"))).httpStatus).toBe(401);
    expect((await once(attacker, LEAD, supplierKey("a-guess"))).httpStatus).toBe(429);
  });

  test("keys that are guessed from many addresses are each looked at, and keep nobody else out", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument());
    const { once, often } = await overTheWire(leadgate);
    const statuses = await often(3_000, (index) => [
      `198.51.${index % 200}.1`,
      CONFIG,
      operatorKey(`lg_admin_guess-${index}`),
    ]);
    expect(statuses).toEqual({ 401: 3_000 });
    expect((await once("198.51.1.1", LEAD, supplierKey(leadgate.keyOf("acme")))).httpStatus).toBe(404);
  });

  test("keys that are guessed by a supplier and by an operator from one address count together", async () => {
    const { leadgate } = journey;
    const { often, once } = await overTheWire(leadgate);
    const from = "2001:db8:1:2::1";
    expect(await often(10, (index) => [from, LEAD, supplierKey(`guess-${index}`)])).toEqual({ 401: 10 });
    expect(
      await often(10, (index) => [`2001:db8:1:2::${index}`, CONFIG, operatorKey(`guess-${index}`)]),
    ).toEqual({ 401: 10 });
    expect((await once(from, LEAD, supplierKey("guess"))).httpStatus).toBe(429);
    expect((await once("2001:db8:1:3::1", LEAD, supplierKey("guess"))).httpStatus).toBe(401);
  });

  test("good keys that their server has not seen yet are let in where others' guesses come from", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument());
    const { key: operator } = await makeOperatorKey(leadgate, "read");
    const { once, often } = await overTheWire(leadgate);
    const from = "198.51.100.9";
    const guesses = await often(300, (index) => [
      from,
      LEAD,
      supplierKey(`a-guess-in-the-form-of-a-key-${index}`),
    ]);
    expect(guesses).toEqual({ 401: 20, 429: 280 });
    expect((await once(from, LEAD, supplierKey(leadgate.keyOf("acme")))).httpStatus).toBe(404);
    expect((await once(from, CONFIG, operatorKey(operator))).httpStatus).toBe(200);
    expect((await once(from, CONFIG, operatorKey(`${operator}x`))).httpStatus).toBe(429);
  });

  test("many requests at once with a good key for the first time are not taken for guesses", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument());
    const { key } = await makeOperatorKey(leadgate, "read");
    const { often } = await overTheWire(leadgate);
    const supplier = supplierKey(leadgate.keyOf("acme"));
    const from = "198.51.100.7";
    expect(await often(20, () => [from, LEAD, supplier])).toEqual({ 404: 20 });
    expect(await often(200, () => [from, CONFIG, operatorKey(key)])).toEqual({ 200: 200 });
    expect(await often(20, (index) => [from, LEAD, supplierKey(`guess-${index}`)])).toEqual({ 401: 20 });
  });
});

journeys("ended keys", (journey) => {
  test("a key that was good and has ended is refused even when its server has just believed it", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument());
    const made = await leadgate.admin("POST", "/suppliers/acme/keys", {
      expires_at: "2026-01-13T17:00:00.500Z",
    });
    const headers = { "x-api-key": made.body.data.key };
    expect((await leadgate.call("GET", LEAD, { headers })).status).toBe(404);
    leadgate.clock.pass(500);
    expect((await leadgate.call("GET", LEAD, { headers })).status).toBe(401);
    const neverSawIt = leadgate.another();
    expect((await neverSawIt.call("GET", LEAD, { headers })).status).toBe(401);
  });
});
