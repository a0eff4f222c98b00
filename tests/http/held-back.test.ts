import { expect, test } from "bun:test";
import { onBothDatabases } from "../support/database.ts";
import { aDocument, aLead, type Leadgate, openLeadgate } from "../support/leadgate.ts";

/** Sends a request whose body's end is held back until `meanwhile` is done. */
async function heldBack(
  { server }: Leadgate,
  method: string,
  path: string,
  { headers, body }: { headers: Record<string, string>; body: unknown },
  meanwhile: () => Promise<unknown>,
): Promise<number> {
  const text = new TextEncoder().encode(typeof body === "string" ? body : JSON.stringify(body));
  const begun = Promise.withResolvers<void>();
  const ending = Promise.withResolvers<void>();
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      controller.enqueue(text.slice(0, 1));
      begun.resolve();
      await ending.promise;
      controller.enqueue(text.slice(1));
      controller.close();
    },
  });
  const init = { method, headers: { "content-type": "application/json", ...headers }, body: stream };
  const answered = server.handle(new Request(`http://localhost${path}`, init));
  await begun.promise;
  await meanwhile();
  ending.resolve();
  return (await answered).status;
}

onBothDatabases("a request whose body is held back until its key is revoked", (world) => {
  test.each([
    ["POST", "/operator-keys", { name: "backdoor", role: "admin" }],
    ["PUT", "/config", { version: 1 }],
    ["PATCH", "/buyers/first", { name: "Changed" }],
    ["POST", "/erasures", { email: "ada@example.com" }],
    ["POST", "/suppression-lists/dnc/entries", { entries: [{ email: "ada@example.com" }] }],
    ["DELETE", "/suppression-lists/dnc/entries", { email: "ada@example.com" }],
    ["POST", "/campaigns/solar/suppliers/acme/leads", { leads: [{ first_name: "Ada" }] }],
  ])("is refused an operator, and changes nothing: %s %s", async (method, path, body) => {
    const leadgate = openLeadgate(world.database);
    await leadgate.configure(aDocument({ more: { suppression_lists: [{ id: "dnc" }] } }));
    const made = await leadgate.admin("POST", "/operator-keys", { name: "ada", role: "admin" });
    const { id, key } = made.body.data;
    const headers = { authorization: `Bearer ${key}` };
    const revoke = () => leadgate.admin("DELETE", `/operator-keys/${id}`);
    expect(await heldBack(leadgate, method, `/api/v1/admin${path}`, { headers, body }, revoke)).toBe(401);
    const [newest] = (await leadgate.admin("GET", "/history")).body.data;
    expect(newest).toMatchObject({ by: "LEADGATE_ADMIN_KEY", changes: [{ action: "key_revoked" }] });
  });

  test("is refused a file that would replace a suppression list, which stays as it is", async () => {
    const leadgate = openLeadgate(world.database);
    await leadgate.configure(aDocument({ more: { suppression_lists: [{ id: "dnc" }] } }));
    const entries = [{ email: "ada@example.com" }, { email: "grace@example.com" }];
    await leadgate.admin("POST", "/suppression-lists/dnc/entries", { entries });
    const { id, key } = (await leadgate.admin("POST", "/operator-keys", { name: "ada", role: "operate" }))
      .body.data;
    const headers = { authorization: `Bearer ${key}`, "content-type": "text/csv" };
    const revoke = () => leadgate.admin("DELETE", `/operator-keys/${id}`);
    const path = "/api/v1/admin/suppression-lists/dnc/entries?mode=replace&columns=email";
    const body = "mary@example.com\n";
    expect(await heldBack(leadgate, "POST", path, { headers, body }, revoke)).toBe(401);
    expect((await leadgate.admin("GET", "/suppression-lists/dnc/count")).body.data).toMatchObject({
      entries: 2,
    });
  });

  test("is refused a session that was ended", async () => {
    const leadgate = openLeadgate(world.database);
    const { id, key } = (await leadgate.admin("POST", "/operator-keys", { name: "ada", role: "admin" })).body
      .data;
    const opened = await leadgate.call("POST", "/api/v1/admin/session", {
      headers: { authorization: `Bearer ${key}` },
    });
    const cookie = opened.headers.get("set-cookie")?.split(";")[0] ?? "";
    const sent = {
      headers: { cookie, origin: "http://localhost", host: "localhost" },
      body: { name: "backdoor", role: "admin" },
    };
    const end = async () => {
      const [session] = (await leadgate.admin("GET", "/sessions")).body.data;
      await leadgate.admin("DELETE", `/sessions/${session.id}`);
    };
    expect(await heldBack(leadgate, "POST", "/api/v1/admin/operator-keys", sent, end)).toBe(401);
    expect((await leadgate.admin("GET", "/operator-keys")).body.data).toMatchObject([{ id }]);
  });

  test("is refused a buyer", async () => {
    const leadgate = openLeadgate(world.database);
    await leadgate.configure(aDocument({ buyers: { first: { self_service: { caps: true } } } }));
    const { id, key } = (await leadgate.admin("POST", "/buyers/first/keys", { name: "k" })).body.data;
    const sent = { headers: { "x-api-key": key }, body: { day: { leads: 1000 } } };
    const revoke = () => leadgate.admin("DELETE", `/buyers/first/keys/${id}`);
    expect(await heldBack(leadgate, "PUT", "/api/v1/buyer/caps", sent, revoke)).toBe(401);
    expect((await leadgate.admin("GET", "/buyers/first")).body.data).not.toHaveProperty("caps");
  });

  test("is refused a supplier that reports what became of a lead, or sends one", async () => {
    const leadgate = openLeadgate(world.database);
    await leadgate.configure(aDocument());
    const { id: lead_id } = (await leadgate.ingest("acme", aLead())).body.data;
    for (const [path, body] of [
      ["lead-update", { lead_id, outcome: "sold" }],
      ["ingest", aLead()],
      ["ingest/batch", { leads: [aLead()] }],
    ] as const) {
      const { id, key } = (await leadgate.admin("POST", "/suppliers/acme/keys", { name: "k" })).body.data;
      const sent = { headers: { "x-api-key": key }, body };
      const revoke = () => leadgate.admin("DELETE", `/suppliers/acme/keys/${id}`);
      const status = await heldBack(leadgate, "POST", `/api/v1/${path}`, sent, revoke);
      expect([path, status]).toEqual([path, path === "ingest/batch" ? 200 : 401]);
    }
    const { data } = (await leadgate.admin("GET", "/leads")).body;
    expect(data).toHaveLength(1);
    expect((await leadgate.admin("GET", `/leads/${lead_id}`)).body.data.updates).toEqual([]);
  });
});
