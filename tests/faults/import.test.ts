import { expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { openDatabase } from "#database/engine/connect.ts";
import { violations } from "../support/invariants.ts";
import { aDocument, OPERATOR_KEY } from "../support/leadgate.ts";
import { aPersonsLead } from "../support/people.ts";
import { startLeadgate, untilTrue } from "../support/process.ts";
import { discardOnceLeft, preparedDatabase } from "./record.ts";
import { someMoment } from "./rounds.ts";

const ROWS = 2_000;

test("an import goes on when its server was killed and is back, and takes each row in once when it was killed itself", async () => {
  const settings = await preparedDatabase("postgres");
  const folder = await mkdtemp(join(tmpdir(), "leadgate-import-"));
  const file = join(folder, "leads.csv");
  await writeFile(file, csvOf(ROWS));
  await using server = await startLeadgate(settings);
  await server.configure(aDocument());
  const observer = postgres(settings.databaseUrl ?? "", { max: 1, onnotice: () => undefined });
  const onRecord = async () => Number((await observer`select count(*) as leads from leads`)[0]?.["leads"]);
  const goesOn = async (from: number) =>
    await untilTrue(async () => (await onRecord()) > Math.min(from, ROWS - 1), "rows to be taken in");

  const first = startImport(file, server.url);
  await goesOn(0);
  await someMoment();
  await server.kill();
  await server.start();
  await goesOn(await onRecord());
  first.kill("SIGKILL");
  await first.exited;
  const second = startImport(file, server.url);
  expect([await second.exited, await new Response(second.stdout).text()]).toEqual([
    0,
    expect.stringMatching(/^2,000 rows, .*imported before\n$/),
  ]);
  expect(await onRecord()).toBe(ROWS);

  expect(await server.stop()).toBe(0);
  await observer.end();
  const database = await openDatabase(settings);
  await database.write((tx) => tx.execute("analyze"));
  expect(await violations(database, {})).toEqual([]);
  await database.close();
  await rm(folder, { recursive: true });
  await discardOnceLeft(settings);
}, 280_000);

function csvOf(rows: number): string {
  const names = ["first_name", "last_name", "phone", "email", "state"];
  const lines = Array.from({ length: rows }, () => {
    const { body } = aPersonsLead();
    return names.map((name) => String((body as Record<string, unknown>)[name])).join(",");
  });
  return `${[names.join(","), ...lines].join("\n")}\n`;
}

function startImport(file: string, url: string) {
  const words = ["leads", "import", file, "--campaign", "solar", "--supplier", "acme", "--yes"];
  return Bun.spawn([process.execPath, join(import.meta.dir, "../../src/main.ts"), ...words], {
    env: { LEADGATE_URL: url, LEADGATE_ADMIN_KEY: OPERATOR_KEY },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "ignore",
  });
}
