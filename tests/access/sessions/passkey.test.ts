import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { createLoginThrottle } from "#access/login-throttle.ts";
import { relyingPartyOf } from "#access/sessions/passkey.ts";
import { createSessions } from "#access/sessions/session.ts";
import { onBothDatabases } from "../../support/database.ts";
import { aDocument, type Leadgate, openLeadgate } from "../../support/leadgate.ts";
import { type MailServer, startMailServer } from "../../support/pretend-mail.ts";
import { type PretendPasskey, pretendPasskey } from "../../support/pretend-passkey.ts";
import { untilTrue } from "../../support/process.ts";

const OWN_PAGE = { "sec-fetch-site": "same-origin" };
const ORIGIN = "https://leads.example";

interface Entry {
  by: string;
  changes: { action: string; differences: object[] }[];
}

describe("whose page asks for passkeys", () => {
  test.each([
    ["https://leads.example", { id: "leads.example", origin: "https://leads.example" }],
    ["https://leads.example:8443/", { id: "leads.example", origin: "https://leads.example:8443" }],
    ["http://localhost:3000", { id: "localhost", origin: "http://localhost:3000" }],
    ["http://leads.example", null],
    ["https://192.0.2.7", null],
    ["https://[2001:db8::7]", null],
    [undefined, null],
  ])("at %p is %j", (publicUrl, expected) => expect(relyingPartyOf(publicUrl)).toEqual(expected));
});

onBothDatabases("a passkey of a person who is an operator", (world) => {
  let mailServer: MailServer;
  let leadgate: Leadgate;
  let personId: string;
  beforeEach(async () => {
    mailServer = await startMailServer();
    leadgate = openLeadgate(world.database, undefined, undefined, {
      mail: { url: mailServer.url, from: "Leadgate <leads@company.example>" },
      publicUrl: ORIGIN,
    });
    await leadgate.configure(aDocument());
    const person = { email: "ada@company.example", name: "Ada", role: "admin" };
    personId = (await leadgate.admin("POST", "/people", person)).body.data.id;
  });
  afterEach(() => mailServer.close());

  const call = (method: string, path: string, body?: object, cookie = "") =>
    leadgate.call(method, `/api/v1/login${path}`, {
      headers: { cookie, ...OWN_PAGE, ...(body && { "content-type": "application/json" }) },
      ...(body && { body: JSON.stringify(body) }),
    });
  /** What the server says to whoever comes by a link that was just sent. */
  async function comeByLink(email = "ada@company.example") {
    leadgate.clock.pass(16 * 60_000);
    const before = mailServer.taken.length;
    expect((await call("POST", "", { email })).status).toBe(202);
    await untilTrue(() => mailServer.taken.length > before, "the e-mail");
    const text = (mailServer.taken.at(-1)?.text ?? "").replaceAll("=\r\n", "");
    const link = /\/console\/login#(\w+)/.exec(text)?.[1] ?? "";
    return call("POST", "/session", { link });
  }
  const cookieOf = ({ headers }: { headers: Headers }) =>
    (headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  async function add(cookie: string, device: PretendPasskey, name = "Laptop") {
    const asked = (await call("POST", "/passkeys/asked", undefined, cookie)).body.data;
    return call("POST", "/passkeys", { name, passkey: device.make(asked) }, cookie);
  }
  const history = async () =>
    (await leadgate.admin("GET", `/history?person=${personId}`)).body.data.map(
      ({ by, changes: [change] }: Entry) => [by, change?.action, change?.differences],
    );

  test("is asked for after the link, and then alone lets the person in; the history names it", async () => {
    const laptop = pretendPasskey(ORIGIN);
    const first = await comeByLink();
    expect(first.status).toBe(201);
    const cookie = cookieOf(first);
    expect((await call("GET", "/passkeys", undefined, cookie)).body.data).toEqual({
      can_be_made: true,
      passkeys: [],
    });
    const made = await add(cookie, laptop);
    expect([made.status, made.body.data]).toEqual([
      201,
      expect.objectContaining({ name: "Laptop", last_used_at: null }),
    ]);
    const { passkey: asked } = (await comeByLink()).body.data;
    expect(asked).toMatchObject({ rpId: "leads.example", allowCredentials: [{ type: "public-key" }] });
    // A link alone is no log-in any more.
    const { last_login_at } = (await leadgate.admin("GET", "/people")).body.data[0];
    expect(last_login_at).toBe(made.body.data.created_at);
    const opened = await call("POST", "/passkey", { passkey: laptop.sign(asked) });
    expect([opened.status, opened.body.data]).toEqual([
      201,
      expect.objectContaining({ person_id: personId }),
    ]);
    expect((await call("GET", "/passkeys", undefined, cookieOf(opened))).body.data.passkeys).toMatchObject([
      { name: "Laptop", last_used_at: leadgate.clock.now().toISOString() },
    ]);
    expect((await history())[0]).toEqual([
      `Ada (${personId})`,
      "passkey_added",
      [{ path: `passkeys[${made.body.data.id}]`, to: "Laptop" }],
    ]);
    expect((await leadgate.admin("GET", "/people")).body.data).toMatchObject([{ passkeys: 1 }]);
  });

  test("signs what it was asked once, in five minutes, on any server, and no copy of it that is behind", async () => {
    const laptop = pretendPasskey(ORIGIN);
    expect((await add(cookieOf(await comeByLink()), laptop)).status).toBe(201);
    const { passkey: asked } = (await comeByLink()).body.data;
    const signed = laptop.sign(asked);
    const other = leadgate.another();
    const on = (server: Leadgate, passkey: object) =>
      server.call("POST", "/api/v1/login/passkey", {
        headers: { "content-type": "application/json", ...OWN_PAGE },
        body: JSON.stringify({ passkey }),
      });
    expect((await on(other, signed)).status).toBe(201);
    expect([(await on(other, signed)).status, (await on(leadgate, signed)).status]).toEqual([401, 401]);

    const { passkey: late } = (await comeByLink()).body.data;
    leadgate.clock.pass(5 * 60_000);
    expect((await on(leadgate, laptop.sign(late))).status).toBe(401);

    const { passkey: foreign } = (await comeByLink()).body.data;
    expect((await on(leadgate, pretendPasskey(ORIGIN).sign(foreign))).status).toBe(401);
    expect((await on(leadgate, laptop.sign(foreign))).status).toBe(401);
    expect((await on(leadgate, { response: { clientDataJSON: "?" } })).status).toBe(401);
    expect((await on(leadgate, laptop.sign({ challenge: "made-up" }))).status).toBe(401);
  });

  test("of another page's, and one that was made for somebody else, is none", async () => {
    const cookie = cookieOf(await comeByLink());
    expect((await add(cookie, pretendPasskey("https://evil.example"))).status).toBe(409);
    const grace = { email: "grace@company.example", name: "Grace", role: "read" };
    expect((await leadgate.admin("POST", "/people", grace)).status).toBe(201);
    const asked = (await call("POST", "/passkeys/asked", undefined, cookie)).body.data;
    const body = { name: "Laptop", passkey: pretendPasskey(ORIGIN).make(asked) };
    const hers = cookieOf(await comeByLink(grace.email));
    expect((await call("POST", "/passkeys", body, hers)).status).toBe(409);
    expect((await call("POST", "/passkeys", body, cookie)).status).toBe(409);
  });

  test("is of people alone: a key may have none", async () => {
    const made = await leadgate.admin("POST", "/operator-keys", { name: "program", role: "admin" });
    const headers = { authorization: `Bearer ${made.body.data.key}` };
    expect((await leadgate.call("POST", "/api/v1/login/passkeys/asked", { headers })).status).toBe(409);
    expect((await leadgate.call("GET", "/api/v1/login/passkeys", { headers })).status).toBe(409);
  });

  test("is named and removed by its person, and by who may: then the link lets the person in again", async () => {
    const cookie = cookieOf(await comeByLink());
    const one = (await add(cookie, pretendPasskey(ORIGIN, false), "One")).body.data;
    const two = (await add(cookie, pretendPasskey(ORIGIN, false), "Two")).body.data;
    expect((await call("PATCH", `/passkeys/${one.id}`, { name: "Desk" }, cookie)).status).toBe(204);
    expect((await call("DELETE", `/passkeys/${two.id}`, undefined, cookie)).status).toBe(204);
    expect((await call("DELETE", `/passkeys/${two.id}`, undefined, cookie)).status).toBe(404);
    const listed = await leadgate.admin("GET", `/people/${personId}/passkeys`);
    expect(listed.body.data).toMatchObject([{ id: one.id, name: "Desk" }]);
    expect(JSON.stringify(listed.body)).not.toContain("credential");
    expect((await comeByLink()).status).toBe(200);
    expect((await leadgate.admin("DELETE", `/people/${personId}/passkeys/${one.id}`)).status).toBe(204);
    expect((await leadgate.admin("DELETE", `/people/${personId}/passkeys/${one.id}`)).status).toBe(404);
    expect((await comeByLink()).status).toBe(201);
    expect((await history())[0].slice(0, 2)).toEqual(["LEADGATE_ADMIN_KEY", "passkey_removed"]);
  });

  test("that does not fit counts as a failed log-in of the address that it came from", async () => {
    const sessions = createSessions({
      database: world.database,
      operatorKey: "",
      relyingParty: relyingPartyOf(ORIGIN),
      attempts: createLoginThrottle(() => 0),
      addressOf: () => "192.0.2.1",
      now: () => leadgate.clock.now(),
    });
    const signed = pretendPasskey(ORIGIN).sign({ challenge: "guessed" });
    const guess = () =>
      sessions.openByPasskey(signed, new Request(ORIGIN)).catch((error: Error) => error.name);
    for (let times = 0; times < 20; times += 1) expect(await guess()).toBeUndefined();
    expect(await guess()).toBe("TooManyFailures");
  });
});
