import { beforeEach, expect, test } from "bun:test";
import { onBothDatabases } from "../../support/database.ts";
import { aDocument, aLead, type Leadgate, OPERATOR_KEY, openLeadgate } from "../../support/leadgate.ts";

const PATH = "/api/v1/portal/session";
const OWN_PAGE = { "sec-fetch-site": "same-origin" };
const HOUR_MS = 3_600_000;

onBothDatabases("a session in the portal", (world) => {
  let leadgate: Leadgate;
  beforeEach(async () => {
    leadgate = openLeadgate(world.database);
    await leadgate.configure(aDocument());
  });

  async function linkFor(party: string, body?: object): Promise<{ id: string; secret: string; url: string }> {
    const made = await leadgate.admin("POST", `/${party}/links`, body);
    expect(made.status).toBe(201);
    const { id, url } = made.body.data;
    return { id, url, secret: String(url).split("#")[1] ?? "" };
  }
  const open = (link: string, headers: Record<string, string> = OWN_PAGE) =>
    leadgate.call("POST", PATH, {
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify({ link }),
    });
  /** Logs in, and gives the cookie as a browser sends it back. */
  async function cookieBy(link: string): Promise<string> {
    const opened = await open(link);
    expect(opened.status).toBe(201);
    return (opened.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  }
  const ask = (cookie: string, method: string, path: string, headers: Record<string, string> = OWN_PAGE) =>
    leadgate.call(method, path, { headers: { cookie, ...headers } });
  const look = async (cookie: string) => (await ask(cookie, "GET", "/api/v1/buyer")).status;

  test("is opened by a link that holds its secret where no server sees it, for twelve hours, and known on every server", async () => {
    const { url, secret } = await linkFor("buyers/first");
    expect(url).toBe(`http://localhost/portal/login#${secret}`);
    const opened = await open(secret);
    const ends = new Date(leadgate.clock.now().getTime() + 12 * HOUR_MS).toISOString();
    const visitor = {
      kind: "buyer",
      id: "first",
      name: "Buyer first",
      timezone: "America/New_York",
      expires_at: ends,
    };
    expect([opened.status, opened.body.data]).toEqual([201, visitor]);
    const cookie = opened.headers.get("set-cookie") ?? "";
    expect(cookie).toMatch(/^lg_session=p\.[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200$/);
    const sent = cookie.split(";")[0] ?? "";
    const elsewhere = leadgate.another();
    const seen = await elsewhere.call("GET", PATH, { headers: { cookie: sent, ...OWN_PAGE } });
    expect([seen.status, seen.body.data]).toEqual([200, visitor]);
    expect(await look(sent)).toBe(200);
    leadgate.clock.pass(12 * HOUR_MS);
    const over = await ask(sent, "GET", PATH);
    expect([over.body.data, over.headers.get("set-cookie")]).toEqual([
      null,
      expect.stringContaining("Max-Age=0"),
    ]);
    expect(await look(sent)).toBe(401);
  });

  test("is opened by a link as often as that is used until it ends, and by one that is good once no second time", async () => {
    const soon = new Date(leadgate.clock.now().getTime() + HOUR_MS).toISOString();
    const [often, once] = [
      await linkFor("buyers/first", { expires_at: soon }),
      await linkFor("buyers/first", { once: true }),
    ];
    const answers = async (secret: string) => (await open(secret)).status;
    expect([await answers(often.secret), await answers(often.secret)]).toEqual([201, 201]);
    const both = await Promise.all([answers(once.secret), answers(once.secret)]);
    expect([new Set(both), await answers(once.secret)]).toEqual([new Set([201, 401]), 401]);
    leadgate.clock.pass(HOUR_MS);
    expect(await answers(often.secret)).toBe(401);
    expect([await answers("lg_link_nobody_s"), await answers("")]).toEqual([401, 401]);
    const { data } = (await leadgate.admin("GET", "/buyers/first/links")).body;
    expect(data).toMatchObject([
      { id: often.id, status: "expired", once: false, email: null, used_at: expect.any(String) },
      { id: once.id, status: "used", once: true },
    ]);
    expect(JSON.stringify(data)).not.toMatch(/lg_link_/);
  });

  test("ends with its link, with its party, and when its browser is logged out", async () => {
    const { id, secret } = await linkFor("buyers/first");
    const [revoked, loggedOut] = [
      await cookieBy(secret),
      await cookieBy((await linkFor("buyers/first")).secret),
    ];
    const removed = await cookieBy((await linkFor("buyers/third")).secret);
    expect((await leadgate.admin("DELETE", `/buyers/second/links/${id}`)).status).toBe(404);
    expect(await look(revoked)).toBe(200);
    expect((await leadgate.admin("DELETE", `/buyers/first/links/${id}`)).status).toBe(204);
    expect([await look(revoked), (await open(secret)).status]).toEqual([401, 401]);
    expect([
      await look(loggedOut),
      (await ask(loggedOut, "DELETE", PATH)).status,
      await look(loggedOut),
    ]).toEqual([200, 204, 401]);
    expect(await look(removed)).toBe(200);
    const { campaigns = [], buyers = [], ...document } = aDocument();
    await leadgate.configure({
      ...document,
      buyers: buyers.filter((buyer) => buyer.id !== "third"),
      campaigns: campaigns.map((each) => ({
        ...each,
        buyers: each.buyers?.filter(({ buyer }) => buyer !== "third") ?? [],
      })),
    });
    expect(await look(removed)).toBe(401);
    expect((await leadgate.admin("POST", "/buyers/third/links", {})).status).toBe(404);
  });

  test("is listed while somebody is logged in by it, and ended by who may", async () => {
    const { id, secret } = await linkFor("buyers/first");
    const cookie = await cookieBy(secret);
    const { data } = (await leadgate.admin("GET", "/portal-sessions")).body;
    expect(data).toMatchObject([
      { kind: "buyer", party_id: "first", name: "Buyer first", link_id: id, email: null },
    ]);
    expect(JSON.stringify(data)).not.toContain(cookie.split("=")[1] ?? "");
    expect((await leadgate.admin("DELETE", `/portal-sessions/${data[0].id}`)).status).toBe(204);
    expect(await look(cookie)).toBe(401);
    expect((await leadgate.admin("DELETE", `/portal-sessions/${data[0].id}`)).status).toBe(404);
    expect((await leadgate.admin("GET", "/portal-sessions")).body.data).toEqual([]);
  });

  test("changes something only from a page of this server, where alone one can log in", async () => {
    const { secret } = await linkFor("buyers/first");
    const cookie = await cookieBy(secret);
    for (const headers of [
      {},
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "none" },
      { origin: "null" },
    ]) {
      expect(
        (await ask(cookie, "POST", "/api/v1/buyer/pause", headers as Record<string, string>)).status,
      ).toBe(401);
    }
    expect((await ask(cookie, "POST", "/api/v1/buyer/pause")).status).toBe(200);
    expect((await open(secret, { "sec-fetch-site": "cross-site" })).status).toBe(403);
    expect((await open(secret, { origin: "https://elsewhere.example", host: "localhost" })).status).toBe(403);
  });

  test("lets suppliers and buyers ask what they may ask by key, and send no lead", async () => {
    const supplier = await cookieBy((await linkFor("suppliers/acme")).secret);
    const buyer = await cookieBy((await linkFor("buyers/first")).secret);
    const { id } = (await leadgate.ingest("acme", aLead())).body.data;
    expect((await ask(supplier, "GET", "/api/v1/leads")).body.data).toMatchObject([{ id }]);
    expect((await ask(buyer, "GET", "/api/v1/buyer/leads")).body.data).toMatchObject([{ lead_id: id }]);
    expect((await ask(buyer, "GET", "/api/v1/leads")).status).toBe(403);
    expect((await ask(supplier, "GET", "/api/v1/buyer/leads")).status).toBe(403);
    for (const path of ["/api/v1/ingest", "/api/v1/ping"]) {
      expect([path, (await ask(supplier, "POST", path)).status]).toEqual([path, 401]);
    }
    const { body } = await ask(buyer, "GET", "/api/v1/admin/session");
    expect([body.error, await look(buyer)]).toEqual(["forbidden", 200]);
    const operator = await leadgate.call("POST", "/api/v1/admin/session", {
      headers: { authorization: `Bearer ${OPERATOR_KEY}` },
    });
    const operators = (operator.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
    expect([await look(operators), (await ask(operators, "GET", PATH)).headers.get("set-cookie")]).toEqual([
      401,
      null,
    ]);
  });

  test("is in the database neither as it is in the cookie nor as it is in the link", async () => {
    const { secret } = await linkFor("suppliers/acme");
    const token = (await cookieBy(secret)).split("=")[1] ?? "";
    const rows = await world.database.read((db) =>
      db.send("select * from portal_links l join portal_sessions s on s.link_id = l.id", [], "once"),
    );
    expect(rows).not.toBeEmpty();
    expect(JSON.stringify(rows)).not.toContain(token);
    expect(JSON.stringify(rows)).not.toContain(secret);
  });
});
