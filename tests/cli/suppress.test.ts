import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Command } from "#cli/command/command.ts";
import { report } from "#cli/remote/report.ts";
import { suppress } from "#cli/remote/suppress.ts";
import { ask, operatorApi, operatorKey } from "../admin/operator-api.ts";
import { fullDocument } from "../configuration/document-examples.ts";
import { onBothDatabases } from "../support/database.ts";
import { commandContext } from "./context.ts";

onBothDatabases("leadgate suppress", (world) => {
  let server: Bun.Server<undefined>;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "leadgate-suppress-"));
    server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: (request) => operatorApi(world.database).handle(request),
    });
  });
  afterAll(async () => {
    await server.stop(true);
    await rm(folder, { recursive: true });
  });

  const configure = () => ask(world.database, "/config", { method: "PUT", body: fullDocument() });

  async function run(command: Command, line: string, url = server.url.href) {
    let [out, err] = ["", ""];
    const context = commandContext(
      { url, adminKey: operatorKey },
      { write: (text) => void (out += text), writeError: (text) => void (err += text) },
    );
    const code = await command.run(line.split(" "), context);
    return { code, out, err };
  }
  const suppressing = (line: string) => run(suppress, line);

  test("adds, checks and removes one person", async () => {
    await configure();
    const person = "--list global-dnc --phone 555-123-4567";
    expect(await suppressing(`check ${person}`)).toEqual({ code: 3, out: "Not on the list.\n", err: "" });
    expect(await suppressing(`add ${person}`)).toEqual({ code: 0, out: "On the list.\n", err: "" });
    expect((await suppressing(`add ${person}`)).out).toBe("On the list already.\n");
    expect(await suppressing(`check --list global-dnc --phone +15551234567`)).toEqual({
      code: 0,
      out: "On the list.\n",
      err: "",
    });
    expect((await suppressing("count --list global-dnc")).out).toBe("1\n");
    expect(await suppressing("count --list global-dnx")).toMatchObject({
      code: 1,
      err: "There is no such suppression list. Did you mean global-dnc?\n",
    });
    expect(await suppressing(`remove ${person}`)).toEqual({ code: 0, out: "Taken off the list.\n", err: "" });
    expect(await suppressing(`remove ${person}`)).toMatchObject({
      code: 1,
      err: "This entry is not on the list.\n",
    });
    await suppressing("add --list global-dnc --email ann@example.com");
    expect(await suppressing("clear --list global-dnc")).toMatchObject({ code: 2 });
    expect((await suppressing("clear --list global-dnc --yes")).out).toBe("1 taken off the list.\n");
    expect((await suppressing("count --list global-dnc --json")).out).toBe(
      '{"data":{"entries":0,"complete":true}}\n',
    );
    expect((await suppressing("add --list none --email ann@example.com")).err).toBe(
      "There is no such suppression list.\n",
    );
  });

  test("understands phones by the country that is typed", async () => {
    await configure();
    const person = "--list global-dnc --phone 9876543210";
    await suppressing(`add ${person} --country IN`);
    const found = await Promise.all([
      suppressing(`check ${person}`),
      suppressing(`check ${person} --country IN`),
    ]);
    expect(found.map(({ code }) => code)).toEqual([3, 0]);
    expect((await suppressing(`remove ${person} --country IN`)).code).toBe(0);
    const file = join(folder, "gb.csv");
    await writeFile(file, "phone\n020 7946 0958\n");
    expect((await suppressing(`import ${file} --list global-dnc --country GB`)).code).toBe(0);
    expect((await suppressing("check --list global-dnc --phone +442079460958")).code).toBe(0);
  });

  test("imports a file, compressed or not, and replaces a list", async () => {
    await configure();
    const [plain, zipped] = [join(folder, "a.csv"), join(folder, "b.csv.gz")];
    await writeFile(plain, "phone\n5551234567\n5551234568\n");
    await writeFile(zipped, gzipSync("phone\n5551234568\n"));
    const first = await suppressing(`import ${plain} --list global-dnc`);
    expect(first).toMatchObject({ code: 0, out: "2 added, 0 there already\n" });
    expect(first.err).toMatch(/^2 rows, [\d,]+ a second, 0 bad\n$/);
    expect((await suppressing(`import ${zipped} --list global-dnc --replace`)).out).toBe(
      "0 added, 1 there already\n1 not in the file, taken off\n",
    );
  });

  test("names bad rows by their lines and ends with 1", async () => {
    await configure();
    const file = join(folder, "bad.csv");
    await writeFile(file, "phone,name\n5551234567,Ann\n77,Bob\n");
    const refused = await suppressing(`import ${file} --list global-dnc`);
    expect([refused.code, refused.out, refused.err.split("\n")[1]]).toEqual([
      1,
      "",
      expect.stringMatching(/^ {2}name: is not known/),
    ]);
    const imported = await suppressing(`import ${file} --list global-dnc --ignore-unknown`);
    expect([imported.code, imported.out]).toEqual([1, "1 added, 0 there already\n"]);
    expect(imported.err).toEndWith(
      "line 3: phone: Phone must be a telephone number (US, or with + and country code)\nBad rows: 1. What else " +
        "the file holds is on the list.\n",
    );
    expect((await suppressing(`import ${file} --list global-dnc --ignore-unknown --replace`)).err).toEndWith(
      "What else the file holds is on the list. So nothing was taken off the list.\n",
    );
    expect(await suppressing("import none.csv --list global-dnc")).toMatchObject({
      code: 1,
      err: "none.csv cannot be read.\n",
    });
  });

  test("ends with 1 and the reason when an import of more than a second fails, whatever came before it", async () => {
    const file = join(folder, "long.csv");
    await writeFile(file, "phone\n5551234567\n");
    const counts = { received: 1, added: 1, already_there: 0, bad: 0 };
    const message = "Line 900000 is no CSV. What came before is on the list.";
    const lines = [counts, { error: "malformed_body", message, data: counts }];
    using slow = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: () => new Response(lines.map((line) => `${JSON.stringify(line)}\n`).join("")),
    });
    const failed = await run(suppress, `import ${file} --list global-dnc`, slow.url.href);
    expect([failed.code, failed.out]).toEqual([1, ""]);
    expect(failed.err).toEndWith(`${message}\n`);
  });

  test.each([
    "import a.csv",
    "import --list global-dnc",
    "import a.csv b.csv --list global-dnc",
    "import a.csv --list global-dnc --phone 5551234567",
    "add --list global-dnc",
    "add --list global-dnc --phone 5551234567 --replace",
    "check --phone 5551234567",
    "forget --list global-dnc --phone 5551234567",
    "add --list",
  ])("is not typed as suppress %s", async (line) => {
    expect(await suppressing(line)).toMatchObject({ code: 2, err: expect.stringMatching(/^Usage: /m) });
  });

  test("has leadgate report beside it, which prints the report as CSV", async () => {
    await configure();
    expect(await run(report, "pnl --from 2026-03-01 --group-by campaign,day --timezone Asia/Tokyo")).toEqual({
      code: 0,
      out: "campaign_id,day,currency,leads,accepted,unmatched,rejected,duplicates,sales,refused,returned,sold,refunds,revenue,payouts,costs,profit,margin_percent\r\n",
      err: "",
    });
    expect(await run(report, "pnl --from yesterday")).toMatchObject({ code: 1 });
    expect(await run(report, "pnl")).toMatchObject({ code: 2 });
    expect(await run(report, "sales --from 2026-03-01")).toMatchObject({ code: 2 });
  });
});
