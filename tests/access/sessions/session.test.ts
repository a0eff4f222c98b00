import { beforeEach, expect, test } from "bun:test";
import { onBothDatabases } from "../../support/database.ts";
import { type Leadgate, OPERATOR_KEY, openLeadgate, type Reply } from "../../support/leadgate.ts";

const PATH = "/api/v1/admin/session";
const HALF_A_DAY_MS = 12 * 3_600_000;
const OWN_PAGE = { "sec-fetch-site": "same-origin" };

onBothDatabases("a session", (world) => {
  let leadgate: Leadgate;
  beforeEach(() => {
    leadgate = openLeadgate(world.database);
  });

  async function keyWith(role: string, more: object = {}): Promise<{ id: string; key: string }> {
    const made = await leadgate.admin("POST", "/operator-keys", { name: "Grace", role, ...more });
    expect(made.status).toBe(201);
    return made.body.data;
  }

  /** Logs in and gives the cookie as a browser sends it back. */
  async function cookieFor(key: string, headers: Record<string, string> = {}): Promise<string> {
    const opened = await open(key, headers);
    expect(opened.status).toBe(201);
    return (opened.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  }
  const open = (key: string, headers: Record<string, string> = {}) =>
    leadgate.call("POST", PATH, { headers: { authorization: `Bearer ${key}`, ...headers } });
  const look = (cookie: string, headers: Record<string, string> = OWN_PAGE) =>
    leadgate.call("GET", PATH, { headers: { cookie, ...headers } });
  const change = (cookie: string, headers: Record<string, string>) =>
    leadgate.call("POST", "/api/v1/admin/operator-keys", {
      headers: { cookie, "content-type": "application/json", ...headers },
      body: JSON.stringify({ name: "made in a page", role: "read" }),
    });
  const answers = (replies: readonly Reply[]) => replies.map(({ status }) => status);

  test("stands for the key that opened it, for twelve hours, in a cookie that no page can read", async () => {
    const { id, key } = await keyWith("operate");
    const opened = await open(key);
    const ends = new Date(leadgate.clock.now().getTime() + HALF_A_DAY_MS).toISOString();
    const caller = { name: "Grace", role: "operate", key_id: id, person_id: null, expires_at: ends };
    expect([opened.status, opened.body.data]).toEqual([201, caller]);
    const cookie = opened.headers.get("set-cookie") ?? "";
    expect(cookie).toMatch(/^lg_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200$/);
    const sent = cookie.split(";")[0] ?? "";
    expect((await look(sent)).body.data).toEqual(caller);
    leadgate.clock.pass(HALF_A_DAY_MS - 1);
    expect((await look(sent)).status).toBe(200);
    leadgate.clock.pass(1);
    const over = await look(sent);
    expect([over.status, over.headers.get("set-cookie")]).toEqual([
      401,
      expect.stringContaining("Max-Age=0"),
    ]);
  });

  test("is bound to this host and to https where the browser came by it", async () => {
    const https = { "x-forwarded-proto": "https" };
    const { key } = await keyWith("read");
    const opened = await open(key, https);
    expect(opened.headers.get("set-cookie")).toMatch(/^__Host-lg_session=[\w-]{43}; Secure; Path=\/;/);
    const cookie = await cookieFor(key, https);
    expect((await look(cookie, { ...OWN_PAGE, ...https })).status).toBe(200);
    expect((await look(cookie.replace("__Host-", ""), { ...OWN_PAGE, ...https })).status).toBe(401);
  });

  test("changes something only from a page of this server", async () => {
    const cookie = await cookieFor(OPERATOR_KEY);
    const refused: Record<string, string>[] = [
      {},
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site", origin: "http://localhost" },
      { "sec-fetch-site": "none" },
      { origin: "http://elsewhere.example", host: "localhost" },
      { origin: "null", host: "localhost" },
    ];
    for (const headers of refused)
      expect([headers, (await change(cookie, headers)).status]).toEqual([headers, 401]);
    expect((await change(cookie, OWN_PAGE)).status).toBe(201);
    expect((await change(cookie, { origin: "http://localhost", host: "localhost" })).status).toBe(201);
  });

  test("lets a page elsewhere not even look, but an address that somebody typed", async () => {
    const cookie = await cookieFor(OPERATOR_KEY);
    const sites = ["cross-site", "same-site", "none", "same-origin"];
    const looked = await Promise.all(sites.map((site) => look(cookie, { "sec-fetch-site": site })));
    expect(answers([...looked, await look(cookie, {})])).toEqual([401, 401, 200, 200, 200]);
  });

  test("may do what the role of its key may, and is named by that key in the history", async () => {
    const { id, key } = await keyWith("admin");
    expect((await change(await cookieFor((await keyWith("operate")).key), OWN_PAGE)).status).toBe(403);
    expect((await change(await cookieFor(key), OWN_PAGE)).status).toBe(201);
    const { data } = (await leadgate.admin("GET", "/history")).body;
    expect(data[0].by).toBe(`Grace (${id})`);
  });

  test("ends with its key, whether that is revoked or expires", async () => {
    const { id, key } = await keyWith("read");
    const revoked = await cookieFor(key);
    const soon = new Date(leadgate.clock.now().getTime() + 60_000).toISOString();
    const expiring = await cookieFor((await keyWith("read", { expires_at: soon })).key);
    expect(answers([await look(revoked), await look(expiring)])).toEqual([200, 200]);
    expect((await leadgate.admin("DELETE", `/operator-keys/${id}`)).status).toBe(204);
    leadgate.clock.pass(60_000);
    expect(answers([await look(revoked), await look(expiring)])).toEqual([401, 401]);
  });

  test("ends when the key of the settings that opened it is another", async () => {
    const cookie = await cookieFor(OPERATOR_KEY);
    expect((await look(cookie)).body.data.name).toBe("LEADGATE_ADMIN_KEY");
    const operatorKey = "lg_admin_quite_another_key_of_the_settings";
    const changed = openLeadgate(world.database, leadgate.clock, undefined, { operatorKey });
    const answer = await changed.call("GET", PATH, { headers: { cookie, ...OWN_PAGE } });
    expect(answer.status).toBe(401);
  });

  test("is known on every server, ends at once when its browser is logged out, and others go on", async () => {
    const [one, other] = [await cookieFor(OPERATOR_KEY), await cookieFor(OPERATOR_KEY)];
    const elsewhere = leadgate.another();
    const ended = await elsewhere.call("DELETE", PATH, { headers: { cookie: one, ...OWN_PAGE } });
    expect([ended.status, ended.headers.get("set-cookie")]).toEqual([
      204,
      expect.stringContaining("Max-Age=0"),
    ]);
    expect(answers([await look(one), await look(other)])).toEqual([401, 200]);
  });

  test("opens no other session", async () => {
    const cookie = await cookieFor(OPERATOR_KEY);
    const answer = await leadgate.call("POST", PATH, { headers: { cookie, ...OWN_PAGE } });
    expect([answer.status, answer.body.error]).toEqual([409, "conflict"]);
  });

  test("is not opened by a key that is not good, and is not in the database as it is in the cookie", async () => {
    const wrong = await open("lg_admin_nobody_s");
    expect([wrong.status, wrong.headers.get("set-cookie")]).toEqual([401, null]);
    const token = (await cookieFor(OPERATOR_KEY)).split("=")[1] ?? "";
    const rows = await world.database.read((db) => db.send("select * from operator_sessions", [], "once"));
    expect(rows).not.toBeEmpty();
    expect(JSON.stringify(rows)).not.toContain(token);
  });
});
