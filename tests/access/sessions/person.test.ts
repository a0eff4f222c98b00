import { afterEach, beforeEach, expect, test } from "bun:test";
import { onBothDatabases } from "../../support/database.ts";
import { aDocument, type Leadgate, openLeadgate } from "../../support/leadgate.ts";
import { type MailServer, startMailServer } from "../../support/pretend-mail.ts";
import { untilTrue } from "../../support/process.ts";

const OWN_PAGE = { "sec-fetch-site": "same-origin" };

onBothDatabases("a person who is an operator", (world) => {
  let mailServer: MailServer;
  let leadgate: Leadgate;
  beforeEach(async () => {
    mailServer = await startMailServer();
    leadgate = openLeadgate(world.database, undefined, undefined, {
      mail: { url: mailServer.url, from: "Leadgate <leads@company.example>" },
      publicUrl: "https://leads.example",
    });
    await leadgate.configure(aDocument());
  });
  afterEach(() => mailServer.close());

  const add = (role: string, email = "Ada@company.example") =>
    leadgate.admin("POST", "/people", { email, name: "Ada Lovelace", role });
  const post = (path: string, body: object) =>
    leadgate.call("POST", path, {
      headers: { "content-type": "application/json", ...OWN_PAGE },
      body: JSON.stringify(body),
    });
  /** Asks for a link, and reads it in the e-mail that comes. */
  async function linkFor(email: string): Promise<string> {
    const before = mailServer.taken.length;
    expect((await post("/api/v1/login", { email })).status).toBe(202);
    await untilTrue(() => mailServer.taken.length > before, "the e-mail");
    const text = (mailServer.taken.at(-1)?.text ?? "").replaceAll("=\r\n", "");
    return /https:\/\/leads\.example\/console\/login#(\w+)/.exec(text)?.[1] ?? "";
  }
  async function cookieFor(email: string): Promise<string> {
    const opened = await post("/api/v1/login/session", { link: await linkFor(email) });
    expect(opened.status).toBe(201);
    return (opened.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  }
  const ask = (cookie: string, method: string, path: string, body?: object) =>
    leadgate.call(method, `/api/v1/admin${path}`, {
      headers: { cookie, ...OWN_PAGE, ...(body && { "content-type": "application/json" }) },
      ...(body && { body: JSON.stringify(body) }),
    });

  test("logs in by a link in an e-mail, once, does what the role lets it, and is named by the history", async () => {
    const made = await add("admin");
    const person = { email: "ada@company.example", name: "Ada Lovelace", role: "admin", last_login_at: null };
    expect([made.status, made.body.data]).toEqual([201, expect.objectContaining(person)]);
    const link = await linkFor("ada@company.example");
    const opened = await post("/api/v1/login/session", { link });
    expect(opened.body.data).toMatchObject({
      name: "Ada Lovelace",
      role: "admin",
      person_id: made.body.data.id,
    });
    expect((await post("/api/v1/login/session", { link })).status).toBe(401);
    const cookie = (opened.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
    expect((await ask(cookie, "GET", "/session")).body.data).toEqual(opened.body.data);
    expect((await ask(cookie, "PATCH", "/buyers/first", { status: "paused" })).status).toBe(200);
    const [newest] = (await leadgate.admin("GET", "/history")).body.data;
    expect(newest.by).toBe(`Ada Lovelace (${made.body.data.id})`);
    const { data } = (await leadgate.admin("GET", "/people")).body;
    expect(data).toMatchObject([
      { id: made.body.data.id, last_login_at: leadgate.clock.now().toISOString() },
    ]);
    expect((await leadgate.admin("GET", "/deliveries")).body.data).toEqual([]);
  });

  test("may do no more than the role says, and is over at once when it is removed, with its links", async () => {
    const { id } = (await add("read")).body.data;
    const cookie = await cookieFor("ada@company.example");
    const link = await linkFor("ada@company.example");
    expect((await ask(cookie, "GET", "/buyers")).status).toBe(200);
    expect((await ask(cookie, "PATCH", "/buyers/first", { status: "paused" })).status).toBe(403);
    expect((await ask(cookie, "GET", "/people")).status).toBe(403);
    expect((await leadgate.admin("DELETE", `/people/${id}`)).status).toBe(204);
    expect((await ask(cookie, "GET", "/buyers")).status).toBe(401);
    expect((await post("/api/v1/login/session", { link })).status).toBe(401);
    expect((await leadgate.admin("DELETE", `/people/${id}`)).status).toBe(404);
    expect((await add("operate")).status).toBe(201);
  });

  test("is one for each address, and nobody else is sent a link, though all are told the same", async () => {
    expect((await add("read")).status).toBe(201);
    expect((await add("admin", "ADA@company.example")).status).toBe(409);
    expect((await add("owner", "grace@company.example")).body.field_errors).toMatchObject([
      { field: "role" },
    ]);
    const [unknown, known] = [
      await post("/api/v1/login", { email: "eve@company.example" }),
      await post("/api/v1/login", { email: "ada@company.example" }),
    ];
    expect([unknown.status, Object.keys(unknown.body.data)]).toEqual([
      known.status,
      Object.keys(known.body.data),
    ]);
    await untilTrue(() => mailServer.taken.length > 0, "the e-mail");
    expect(mailServer.taken.map(({ to }) => to)).toEqual([["ada@company.example"]]);
  });

  test("is sent a first link by who makes it an operator, good for three days, and may do more or less from then on", async () => {
    const body = { email: "ada@company.example", name: "Ada Lovelace", role: "read", invite: true };
    const { id } = (await leadgate.admin("POST", "/people", body)).body.data;
    await untilTrue(() => mailServer.taken.length === 1, "the invitation");
    const text = (mailServer.taken[0]?.text ?? "").replaceAll("=\r\n", "");
    expect(text).toContain("LEADGATE_ADMIN_KEY made you an operator of Leadgate.");
    leadgate.clock.pass(71 * 3_600_000);
    const opened = await post("/api/v1/login/session", { link: /#(\w+)/.exec(text)?.[1] ?? "" });
    const cookie = (opened.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
    expect((await ask(cookie, "PATCH", "/buyers/first", { status: "paused" })).status).toBe(403);
    const changed = await leadgate.admin("PATCH", `/people/${id}`, { role: "admin" });
    expect([changed.status, changed.body.data.role]).toEqual([200, "admin"]);
    expect((await ask(cookie, "PATCH", "/buyers/first", { status: "paused" })).status).toBe(200);
    expect((await leadgate.admin("PATCH", `/people/${id}`, { role: "owner" })).status).toBe(400);
    expect((await leadgate.admin("PATCH", "/people/person_nobody", { role: "read" })).status).toBe(404);
    const elsewhere = openLeadgate(world.database);
    const unsent = await elsewhere.admin("POST", "/people", { ...body, email: "grace@company.example" });
    expect(unsent.status).toBe(409);
  });

  test("is listed while it is logged in, and logged out by who may", async () => {
    const { id } = (await add("operate")).body.data;
    const cookie = await cookieFor("ada@company.example");
    const { data } = (await leadgate.admin("GET", "/sessions")).body;
    expect(data).toMatchObject([{ name: "Ada Lovelace", person_id: id, key_id: null }]);
    expect((await ask(cookie, "DELETE", `/sessions/${data[0].id}`)).status).toBe(403);
    expect((await leadgate.admin("DELETE", `/sessions/${data[0].id}`)).status).toBe(204);
    expect((await ask(cookie, "GET", "/session")).status).toBe(401);
    expect((await leadgate.admin("DELETE", `/sessions/${data[0].id}`)).status).toBe(404);
    expect((await leadgate.admin("GET", "/sessions")).body.data).toEqual([]);
  });
});
