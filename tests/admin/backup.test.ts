import { expect, test } from "bun:test";
import { sql } from "drizzle-orm";
import { type Database, DatabaseUnavailable } from "#database/database.ts";
import { RequestContext } from "#http/context.ts";
import { onBothDatabases } from "../support/database.ts";
import { OPERATOR_KEY, openLeadgate } from "../support/leadgate.ts";
import { operatorKey, operatorRoutesOver } from "./operator-api.ts";

onBothDatabases("a backup over HTTP", (world) => {
  async function backUp(silences: number[]): Promise<Response> {
    const backup = operatorRoutesOver(world.database).find(({ path }) => path === "/api/v1/admin/backup");
    const headers = { authorization: `Bearer ${operatorKey}` };
    const request = new Request("http://localhost/api/v1/admin/backup", { headers });
    const context = new RequestContext(request, { allowSilence: (seconds) => void silences.push(seconds) });
    const reply = await backup?.serve(context, {});
    return reply ?? Response.error();
  }

  test("may be prepared in silence for as long as that takes, and is broken off when nobody takes what there is", async () => {
    const silences: number[] = [];
    const reply = await backUp(silences);
    expect([reply.status, silences]).toEqual([200, [0, 240]]);
    await reply.body?.cancel();
    const again = await backUp([]);
    expect(again.status).toBe(200);
    expect((await again.bytes()).length).toBeGreaterThan(100);
  });

  test("that is taken no further is in the log, which the command refers to", async () => {
    const { server, logged } = openLeadgate(world.database);
    const headers = { authorization: `Bearer ${OPERATOR_KEY}` };
    const reply = await server.handle(new Request("http://localhost/api/v1/admin/backup", { headers }));
    await reply.body?.cancel();
    expect(logged.join("")).toContain("a backup broke off: nobody takes it any more");
  });

  test("lacks its end when the key is revoked by which it was asked for", async () => {
    const { server, admin, logged } = openLeadgate(world.database);
    await world.database.write((tx) =>
      tx.execute(sql`insert into history (id, at, by, via, about, changes)
        select gen_random_uuid(), now(), 'ada', 'operation', '{}', to_json(gen_random_uuid())::text from generate_series(1, 30000)`),
    );
    const { id, key } = (await admin("POST", "/operator-keys", { name: "ada", role: "admin" })).body.data;
    const headers = { authorization: `Bearer ${key}` };
    const reply = await server.handle(new Request("http://localhost/api/v1/admin/backup", { headers }));
    const reader = reply.body?.getReader();
    await reader?.read();
    await admin("DELETE", `/operator-keys/${id}`);
    const rest = async () => {
      while (!((await reader?.read())?.done ?? true));
    };
    expect(await rest().catch(String)).toContain("may look no more");
    expect(logged.join("")).toContain("a backup broke off");
  });

  test("is made to its end while the database is too busy to say whether its key is good", async () => {
    let isBusy = false;
    const { database } = world;
    const busy: Database = new Proxy(database, {
      get(target, name) {
        if (name === "read")
          return (...args: Parameters<Database["read"]>) =>
            isBusy ? Promise.reject(new DatabaseUnavailable("too busy")) : database.read(...args);
        if (name === "snapshot")
          return (...args: Parameters<Database["snapshot"]>) => {
            isBusy = true;
            return database.snapshot(...args);
          };
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    const { server, admin } = openLeadgate(busy);
    const { key } = (await admin("POST", "/operator-keys", { name: "ada", role: "admin" })).body.data;
    const headers = { authorization: `Bearer ${key}` };
    const reply = await server.handle(new Request("http://localhost/api/v1/admin/backup", { headers }));
    expect((await reply.bytes()).length).toBeGreaterThan(100);
    isBusy = false;
  });
});
