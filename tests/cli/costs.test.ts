import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { costs } from "#cli/remote/costs.ts";
import { ask, operatorApi, operatorKey } from "../admin/operator-api.ts";
import { fullDocument } from "../configuration/document-examples.ts";
import { onBothDatabases } from "../support/database.ts";
import { commandContext } from "./context.ts";

onBothDatabases("leadgate costs", (world) => {
  let server: Bun.Server<undefined>;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "leadgate-costs-"));
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

  async function importFile(file: string | Uint8Array) {
    const path = join(folder, "costs.csv");
    await writeFile(path, file);
    await ask(world.database, "/config", { method: "PUT", body: fullDocument() });
    let [out, err] = ["", ""];
    const context = commandContext(
      { url: server.url.href, adminKey: operatorKey },
      {
        write: (written) => void (out += written),
        writeError: (written) => void (err += written),
      },
    );
    const code = await costs.run(["import", path, "--supplier", "supplier_xyz789"], context);
    return { code, out, err };
  }

  test("a file of costs is set row by row, and importing it again changes nothing", async () => {
    const file = "day;campaign;amount;source\n2026-01-12;campaign_abc123;10.50;search\n2026-01-13;;7;\n";
    expect((await importFile(file)).out).toBe("2 costs set, 0 of them in place of others\n");
    expect((await importFile(file)).out).toBe("2 costs set, 2 of them in place of others\n");
    const { text } = await ask(world.database, "/ledger?kind=cost&supplier=supplier_xyz789");
    expect(JSON.parse(text).data.map(({ amount }: { amount: string }) => amount)).toEqual(["7.00", "10.50"]);
  });

  test("a bad row of a file of costs is told by its line, and the others are set", async () => {
    const { code, err, out } = await importFile("day,amount\n2026-01-12,ten\n2026-01-13,8\n");
    expect([code, out]).toEqual([1, "1 costs set, 0 of them in place of others\n"]);
    expect(err).toContain("line 2:");
    expect(err).toContain("Bad rows: 1");
    expect((await importFile("date,amount\n")).err).toContain("must name its columns");
  });

  test("a file of costs has one row for each day, campaign and source: a second one is bad, and does not replace the first", async () => {
    const file = "day,amount,source\n2026-01-12,10,search\n2026-01-12,5,search\n2026-01-12,5,social\n";
    const { code, err, out } = await importFile(file);
    expect([code, out]).toEqual([1, "2 costs set, 0 of them in place of others\n"]);
    expect(err).toContain("line 3: is of what line 2 is: one row for each day");
    const { text } = await ask(world.database, "/ledger?kind=cost&supplier=supplier_xyz789");
    expect(JSON.parse(text).data.map(({ amount }: { amount: string }) => amount)).toEqual(["5.00", "10.00"]);
  });

  test("a file of costs is read in the encodings in which spreadsheets write it", async () => {
    const file = "day;amount;source\r\n2026-01-12;10;Café\r\n2026-01-13;10;'-brand\r\n";
    await importFile(Buffer.from(file, "latin1"));
    await importFile(Buffer.from(`\ufeff${file}`, "utf16le"));
    const { text } = await ask(world.database, "/ledger?kind=cost&supplier=supplier_xyz789");
    expect(JSON.parse(text).data.map(({ source }: { source: string }) => source)).toEqual(["-brand", "Café"]);
  });

  test("a comma parts no cell of a file of costs that is parted by semicolons, and a row with too many cells is bad", async () => {
    const semicolons = await importFile(
      '\ufeffday;amount;source\r\n2026-02-01;1,50;x\r\n2026-02-02;2;"a;b, c"\r\n',
    );
    expect([semicolons.code, semicolons.out]).toEqual([1, "1 costs set, 0 of them in place of others\n"]);
    expect(semicolons.err).toContain("line 2: 1 field is not valid\n  amount:");
    const commas = await importFile("day,amount\n2026-02-03,1,234.50\n2026-02-04, 3 ,\n");
    expect([commas.code, commas.out]).toEqual([1, "1 costs set, 0 of them in place of others\n"]);
    expect(commas.err).toContain("line 2: has more cells than the first line has columns\n");
    expect((await importFile('day,amount\n2026-02-05,"4\n')).err).toContain("a quote in it");
  });
});
