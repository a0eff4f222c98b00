import { afterEach, beforeEach, expect, test } from "bun:test";
import { onBothDatabases } from "../support/database.ts";
import { aDocument, type Leadgate, openLeadgate } from "../support/leadgate.ts";
import { type MailServer, startMailServer } from "../support/pretend-mail.ts";
import { untilTrue } from "../support/process.ts";

const OWN_PAGE = { "sec-fetch-site": "same-origin" };
const JSON_BODY = { "content-type": "application/json" };

onBothDatabases("logging in to the portal by e-mail", (world) => {
  let mailServer: MailServer;
  let leadgate: Leadgate;
  beforeEach(async () => {
    mailServer = await startMailServer();
    leadgate = openLeadgate(world.database, undefined, undefined, {
      mail: { url: mailServer.url, from: "Leadgate <leads@company.example>" },
      publicUrl: "https://leads.example",
    });
    await leadgate.configure(documentFor("Ada@Sunco.example"));
  });
  afterEach(() => mailServer.close());

  /** The address is the second buyer's and the supplier's. */
  function documentFor(...email: string[]) {
    return aDocument({ buyers: { second: { portal: { email } } }, supplier: { portal: { email } } });
  }
  const ask = (email: string, headers: Record<string, string> = OWN_PAGE) =>
    leadgate.call("POST", "/api/v1/portal/login", {
      headers: { ...JSON_BODY, ...headers },
      body: JSON.stringify({ email }),
    });
  const open = (link: string) =>
    leadgate.call("POST", "/api/v1/portal/session", {
      headers: { ...JSON_BODY, ...OWN_PAGE },
      body: JSON.stringify({ link }),
    });
  const arrived = (count: number) => untilTrue(() => mailServer.taken.length === count, `${count} mails`);
  /** Long lines are broken in e-mails (RFC 2045, quoted-printable). */
  const linksIn = (text: string) =>
    Array.from(
      text.replaceAll("=\r\n", "").matchAll(/https:\/\/leads\.example\/portal\/login#(\w+)/g),
      ([, link = ""]) => link,
    );

  test("sends whoever is known a link for each party that the address may log in as, good once and for a quarter of an hour", async () => {
    const asked = await ask("ada@sunco.example", { ...OWN_PAGE, host: "evil.example" });
    expect([asked.status, asked.body]).toEqual([202, { data: { email: "ada@sunco.example" } }]);
    await arrived(1);
    const [mail] = mailServer.taken;
    expect(mail?.to).toEqual(["ada@sunco.example"]);
    expect(mail?.text).toContain("Subject: Log in to Leadgate");
    expect(mail?.text).toContain("Buyer second (buyer):");
    expect(mail?.text).not.toContain("evil.example");
    const [buyers = "", suppliers = ""] = linksIn(mail?.text ?? "");
    const opened = await open(buyers);
    expect(opened.body.data).toMatchObject({ kind: "buyer", id: "second" });
    const cookie = (opened.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
    expect((await open(buyers)).status).toBe(401);
    const look = async () =>
      (await leadgate.call("GET", "/api/v1/buyer", { headers: { cookie, ...OWN_PAGE } })).status;
    expect(await look()).toBe(200);
    leadgate.clock.pass(15 * 60_000);
    expect((await open(suppliers)).status).toBe(401);
    await leadgate.configure(documentFor("grace@sunco.example"));
    expect(await look()).toBe(401);
    const { data } = (await leadgate.admin("GET", "/buyers/second/links")).body;
    expect(data).toMatchObject([{ email: "ada@sunco.example", once: true, status: "used" }]);
    const deliveries = (await leadgate.admin("GET", "/deliveries")).body.data;
    expect([deliveries, leadgate.logged.filter((line) => line.includes("lg_link_"))]).toEqual([[], []]);
  });

  test("says the same of an address that nobody has, and sends it nothing", async () => {
    const [unknown, known] = [await ask("eve@sunco.example"), await ask("ada@sunco.example")];
    expect([unknown.status, known.status]).toEqual([202, 202]);
    expect(Object.keys(unknown.body.data)).toEqual(Object.keys(known.body.data));
    await arrived(1);
    expect(mailServer.taken.map(({ to }) => to)).toEqual([["ada@sunco.example"]]);
  });

  test("sends an address three e-mails within a quarter of an hour at most, and lets nobody ask on and on", async () => {
    for (let each = 1; each <= 5; each++) {
      expect((await ask("ada@sunco.example")).status).toBe(202);
      await arrived(Math.min(each, 3));
      leadgate.clock.pass(20_000);
    }
    leadgate.clock.pass(15 * 60_000);
    await ask("ada@sunco.example");
    await arrived(4);
    const statuses: number[] = [];
    for (let each = 0; each < 8; each++) statuses.push((await ask("eve@sunco.example")).status);
    expect(statuses.at(-1)).toBe(429);
  });

  test("says so where no e-mail can be sent, and is nothing that a page elsewhere can do", async () => {
    expect((await ask("ada@sunco.example", { "sec-fetch-site": "cross-site" })).status).toBe(403);
    expect((await ask("nobody")).body.field_errors).toMatchObject([{ field: "email" }]);
    leadgate = openLeadgate(world.database);
    const refused = await ask("ada@sunco.example");
    expect([refused.status, refused.body.message]).toEqual([409, expect.stringContaining("SMTP_URL")]);
  });

  test("bears the operator's name, logo and color, which are on record as any setting, and no address of another server", async () => {
    const front = async () => (await leadgate.call("GET", "/api/v1/portal")).body.data;
    expect(await front()).toEqual({ brand: { name: null, logo: null, color: null }, sends_links: true });
    const brand = { name: "Northwind Leads", logo: "data:image/png;base64,iVBORw0KGgo=", color: "#1d5fae" };
    await leadgate.configure({ ...documentFor("ada@sunco.example"), brand });
    expect((await front()).brand).toEqual(brand);
    const [newest] = (await leadgate.admin("GET", "/history")).body.data;
    expect(newest.changes).toContainEqual(
      expect.objectContaining({ kind: "setting", id: "brand", action: "changed" }),
    );
    await ask("ada@sunco.example");
    await arrived(1);
    expect(mailServer.taken[0]?.text).toContain("Subject: Log in to Northwind Leads");
    const wrong = [
      { logo: "https://cdn.example/logo.png" },
      { logo: "//cdn.example/logo.png" },
      { logo: "data:text/html;base64,aGk=" },
      { logo: `data:image/png;base64,${"A".repeat(48_000)}` },
      { color: "red" },
    ];
    for (const each of wrong) {
      const refused = await leadgate.admin("POST", "/config/plan", { ...documentFor(), brand: each });
      expect([each, refused.status]).toEqual([each, 400]);
    }
    await leadgate.configure({ ...documentFor(), brand: { logo: "/static/northwind.svg" } });
    expect((await front()).brand.logo).toBe("/static/northwind.svg");
  });
});
