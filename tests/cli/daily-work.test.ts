import { afterEach, beforeEach, expect, test } from "bun:test";
import { runCommand } from "#cli/command-table.ts";
import { onBothDatabases } from "../support/database.ts";
import { aDocument, aLead, type Leadgate, OPERATOR_KEY, openLeadgate } from "../support/leadgate.ts";
import { commandContext } from "./context.ts";

onBothDatabases("the commands of daily work", (world) => {
  let leadgate: Leadgate;
  let server: Bun.Server<undefined>;
  beforeEach(async () => {
    leadgate = openLeadgate(world.database);
    server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: (request) => leadgate.server.handle(request),
    });
    await leadgate.configure(
      aDocument({
        buyers: { first: { caps: { day: { leads: 1 } } }, third: { status: "paused" } },
        contracts: { second: { status: "paused" } },
      }),
    );
  });
  afterEach(() => server.stop(true));

  /** Runs a line over files that are only in memory. */
  async function run(line: string, files: Record<string, string> = {}) {
    let [out, err] = ["", ""];
    const context = commandContext(
      { url: server.url.href, adminKey: OPERATOR_KEY },
      {
        write: (text) => void (out += text),
        writeError: (text) => void (err += text),
        readFile: async (path) => files[path] ?? Promise.reject(new Error("no such file")),
        readInput: async () => files["-"] ?? "",
      },
    );
    const code = await runCommand(line.split(" "), context);
    return { code, out, err };
  }

  async function rowsOf(line: string): Promise<string[][]> {
    const { out } = await run(line);
    return out
      .trimEnd()
      .split("\n")
      .map((row) => row.split(/ {2,}/));
  }

  const idOf = async (lead: Record<string, unknown>) =>
    (await leadgate.ingest("acme", lead)).body.data.id as string;

  test("leads are listed, shown with why each buyer was passed over, and sent round again", async () => {
    const sold = await idOf(aLead());
    const unmatched = await idOf(aLead());
    const listed = await rowsOf("leads list --campaign solar");
    expect(listed.map(([id, , status]) => [id, status])).toEqual([
      ["ID", "STATUS"],
      [unmatched, "UNMATCHED"],
      [sold, "ACCEPTED"],
    ]);
    const { out } = await run(`leads show ${unmatched}`);
    for (const part of [
      "status       UNMATCHED\n",
      "first   its cap is reached, leads a day\n",
      "third   it is paused\n",
    ]) {
      expect(out).toContain(part);
    }
    expect((await run(`leads redistribute ${unmatched}`)).out).toContain("UNMATCHED");
    expect(await run("leads redistribute --since 2020-01-01T00:00:00Z --status UNMATCHED")).toMatchObject({
      code: 0,
      out: "0 have a buyer now, 1 still have none, 0 cannot be sent round again.\n",
    });
    expect(await run("leads redistribute")).toMatchObject({ code: 2 });
  });

  test("a list is read page by page to its limit, and says when there is more", async () => {
    const ids = [await idOf(aLead()), await idOf(aLead()), await idOf(aLead())].toReversed();
    const some = await run("leads list --limit 2 --json");
    expect(JSON.parse(some.out).data.map(({ id }: { id: string }) => id)).toEqual(ids.slice(0, 2));
    expect((await run("leads list --limit 2")).err).toBe(
      "There are more: ask for them by --limit, such as --limit 200.\n",
    );
    expect((await run("leads list --limit 3")).err).toBe("");
    expect(await run("leads list --limit all")).toMatchObject({
      code: 2,
      err: expect.stringMatching(/^--limit takes a whole number, such as 50, not all\.\nUsage:/),
    });
  });

  test("what narrows a list to nothing is looked for, and the nearest id is named", async () => {
    expect(await run("leads list --campaign solr")).toMatchObject({
      code: 1,
      out: "",
      err: 'There is no campaign "solr". Did you mean solar?\n',
    });
    expect(await run("leads list --campaign solar")).toMatchObject({ code: 0, err: "There are none.\n" });
    expect(await run("buyers balance frist")).toMatchObject({
      code: 1,
      err: "There is no such buyer. Did you mean first?\n",
    });
    expect((await run("deliveries list --buyer somebody")).err).toBe('There is no buyer "somebody".\n');
  });

  test("buyers are listed, paused, set going, changed and made from files, and removed", async () => {
    expect((await rowsOf("buyers list")).map(([id]) => id)).toEqual(["ID", "first", "second", "third"]);
    expect((await run("buyers pause first")).out).toBe(
      "first is as you said: revision 2 is in force. Its status is paused.\n",
    );
    expect((await run("buyers unpause first")).out).toContain("Its status is active.");
    await run("buyers change first -", { "-": "name: First & Sons\n" });
    expect((await run("buyers show first")).out).toContain("name: First & Sons\n");
    expect((await run("buyers create new.json", { "new.json": '{"id":"fourth"}' })).out).toMatch(
      /^fourth is made: revision \d+ is in force\.\n$/,
    );
    expect((await run("buyers create new.yaml", { "new.yaml": "- fourth" })).err).toBe(
      "new.yaml must hold a mapping of names to values, such as id: sunco.\n",
    );
    const empty = { code: 1, err: "new.yaml is empty.\n" };
    expect(await run("buyers create new.yaml", { "new.yaml": "\n" })).toMatchObject(empty);
    expect(await run("buyers remove fourth")).toMatchObject({ code: 2 });
    expect((await run("buyers remove fourth --yes")).out).toMatch(/^fourth is deleted: revision \d+/);
  });

  test("money is booked, also below zero, and shown as balance, ledger and statement", async () => {
    expect((await run("buyers deposit first 500.00 --reference T1")).out).toMatch(
      /^500\.00 USD booked as deposit_\w+\. The balance is 500\.00 USD\.\n$/,
    );
    expect((await run("buyers adjust first -12.50 --note goodwill")).out).toContain(
      "The balance is 487.50 USD.",
    );
    expect((await run("buyers balance first")).out).toMatch(/^balance +487\.50$/m);
    const kinds = (await rowsOf("ledger --buyer first")).map(([, kind, , of, amount]) => [kind, of, amount]);
    expect(kinds).toEqual([
      ["KIND", "OF", "AMOUNT"],
      ["adjustment", "first", "-12.50"],
      ["payment", "first", "500.00"],
    ]);
    leadgate.clock.pass(1_000);
    const month = leadgate.clock.now().toISOString().slice(0, 7);
    expect((await run(`buyers statement first --month ${month}`)).out).toContain("closing_balance  487.50\n");
    expect((await run(`buyers statement first --month ${month} --format csv`)).out).toContain("487.50");
    expect(await run("ledger check")).toEqual({
      code: 0,
      out: "Every balance is what the ledger says.\n",
      err: "",
    });
    expect((await run("suppliers payment acme 20.00")).out).toContain("The balance is -20.00 USD.");
    expect((await run("suppliers cost acme 2026-01-05 3.10")).out).toBe("3.10 USD for 2026-01-05.\n");
  });

  test("a lead is simulated from a file or from standard input, and caps show what is used", async () => {
    const lead = aLead({ flo_supplier_id: "acme" });
    const { code, out } = await run("simulate -", { "-": JSON.stringify(lead) });
    expect([code, out.includes("status       ACCEPTED\n"), out.includes("first   chosen\n")]).toEqual([
      0,
      true,
      true,
    ]);
    const asked = JSON.stringify({ lead, campaign: "solar", supplier: "acme" });
    expect((await run("simulate asked.json --json", { "asked.json": asked })).code).toBe(0);
    expect((await run("simulate lead.json", { "lead.json": '{"state":"TX"}' })).err).toContain("--campaign");
    await idOf(aLead());
    const [, cap] = await rowsOf("campaigns usage solar");
    expect(cap?.slice(0, 8)).toEqual(["buyer", "-", "first", "-", "day", "leads", "1", "1"]);
    expect((await rowsOf("usage --buyer first"))[1]).toEqual(cap as string[]);
    expect(await run("usage")).toMatchObject({ code: 2 });
  });

  test("every list of an installation that has little is shown or said to be empty", async () => {
    const month = leadgate.clock.now().toISOString().slice(0, 8);
    for (const line of [
      "campaigns list",
      "suppliers list",
      "webhooks list",
      "conversions list --archived",
      "suppression-lists list",
      "suppress list",
      "deliveries list",
      "returns list --status pending",
      "invoices list --status open",
      "endpoints",
      "erasures list",
      "keys list acme",
      "suppliers keys acme",
      "buyers keys first",
      "posting-urls list acme",
      "operator-keys list",
      "history --buyer first",
      `report leads --from ${month}01 --group-by status`,
      "suppliers usage acme",
      "campaigns show solar",
      "campaigns link solar --supplier acme --expires 3600",
    ]) {
      const { code, out, err } = await run(line);
      expect([line, code, out === "" ? err : ""]).toEqual([line, 0, out === "" ? "There are none.\n" : ""]);
      expect([line, (await run(`${line} --json`)).out]).toEqual([
        line,
        expect.stringMatching(/^\{"data":[^]*\}\n$/),
      ]);
    }
  });
});
