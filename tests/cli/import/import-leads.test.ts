import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { leads } from "#cli/records/leads.ts";
import { onBothDatabases } from "../../support/database.ts";
import { violations } from "../../support/invariants.ts";
import { aDocument, type Leadgate, OPERATOR_KEY, openLeadgate } from "../../support/leadgate.ts";
import { commandContext } from "../context.ts";

const HEAD = "First Name,Surname,Cell,E-Mail,ST\n";
const rowOf = (number: number, state = "TX") =>
  `Ada,Lovelace,(512) 555-${number},ada.${number}@example.com,${state}\n`;
const rowsFrom = (first: number, shownCount: number) =>
  Array.from({ length: shownCount }, (_, place) => rowOf(first + place)).join("");

onBothDatabases("leadgate leads import", (world) => {
  let server: Bun.Server<undefined>;
  let folder: string;
  let leadgate: Leadgate;
  /** Stands between the command and the server. */
  let between: (answer: Response) => Response = (answer) => answer;
  let interrupted = new AbortController();
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "leadgate-import-"));
    server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      async fetch(request) {
        const answer = await leadgate.server.handle(request);
        return request.method === "POST" ? between(answer) : answer;
      },
    });
  });
  afterAll(async () => {
    await server.stop(true);
    await rm(folder, { recursive: true });
  });
  beforeEach(async () => {
    leadgate = openLeadgate(world.database);
    between = (answer) => answer;
    interrupted = new AbortController();
    const filters = { field: "state", op: "eq", value: "TX" } as const;
    await leadgate.configure(aDocument({ campaign: { filters } }));
  });

  async function importing(file: string | Uint8Array, options: string, name = "leads.csv") {
    const path = join(folder, name);
    await writeFile(path, file);
    let [out, err] = ["", ""];
    const context = commandContext(
      { url: server.url.href, adminKey: OPERATOR_KEY },
      {
        write: (text) => void (out += text),
        writeError: (text) => void (err += text),
        interruption: () => interrupted.signal,
      },
    );
    const words = `import ${path} --campaign solar --supplier acme ${options}`.trim().split(" ");
    const code = await leads.run(words, context);
    return { code, out, err };
  }

  async function onRecord(query = ""): Promise<{ status: string }[]> {
    const found = [];
    for (let cursor = ""; ; ) {
      const { body } = await leadgate.admin("GET", `/leads?limit=200${query}${cursor}`);
      found.push(...body.data);
      if (body.next_cursor === null) return found;
      cursor = `&cursor=${body.next_cursor}`;
    }
  }

  const counts = (text: string) => text.replace(/, [\d,]+ a second/, "").trim();

  test("leads are imported from a file whose columns are shown first, and a row again is not taken in twice", async () => {
    const file = HEAD + rowsFrom(1000, 3) + rowOf(1000);
    const shown = await importing(file, "");
    expect([shown.code, await onRecord()]).toEqual([1, []]);
    expect(shown.err).toMatch(/^COLUMN +SENT AS +BECAUSE +FIRST ROW\n/);
    expect(shown.err).toMatch(/\nCell +phone +by its usual word +\(512\) 555-1000\n/);
    expect(shown.err).toEndWith(
      "Nothing was imported. Add --yes to do so, or --dry-run to see first what would become of each row.\n",
    );
    const tried = await importing(file, "--dry-run");
    expect([tried.code, counts(tried.out), await onRecord()]).toEqual([
      0,
      "4 rows, 4 accepted: nothing was taken in",
      [],
    ]);
    const imported = await importing(gzipSync(file), "--yes", "leads.csv.gz");
    expect([imported.code, counts(imported.out)]).toEqual([0, "4 rows, 3 accepted, 1 imported before"]);
    expect(counts((await importing(file, "--yes")).out)).toBe("4 rows, 4 imported before");
    expect((await importing(file + rowOf(2000), "--yes --json")).out).toBe(
      '{"data":{"rows":5,"accepted":1,"unmatched":0,"duplicates":0,"held":0,"repeated":4,"refused":0,"dry_run":false}}\n',
    );
    expect((await onRecord()).map(({ status }) => status)).toEqual(Array(4).fill("ACCEPTED"));
    expect(await violations(world.database, {})).toEqual([]);
  });

  test("leads that are refused are told by row and reason, and imported from the file of them once it is mended", async () => {
    const rejects = join(folder, "rejects.csv");
    const file = `${HEAD}${rowOf(1000)}${rowOf(1001, "NY")}Bob,Ross,12,b@example.com,TX\n,,,,\n`;
    const first = await importing(file, `--yes --rejects ${rejects}`);
    expect([first.code, counts(first.out)]).toEqual([1, "3 rows, 1 accepted, 2 refused"]);
    expect(first.err).toMatch(
      /\nrow 3: filtered: .+\nrow 4: phone: Phone must be .+\nRefused rows: 2\. They are in /,
    );
    const text = await readFile(rejects, "utf8");
    expect(text.split("\r\n")).toEqual([
      "First Name,Surname,Cell,E-Mail,ST,row,reason",
      expect.stringMatching(/^Ada,Lovelace,\(512\) 555-1001,ada\.1001@example\.com,NY,3,/),
      expect.stringMatching(/^Bob,Ross,12,b@example\.com,TX,4,/),
      "",
    ]);
    expect((await importing(file, "--yes")).err).toContain(
      "1 of them had been refused before and are the same",
    );
    const mended = text.replace(",NY,", ",TX,").replace(",12,", ",512 555 1002,");
    const second = await importing(mended, `--yes --rejects ${rejects}`, "mended.csv");
    expect([second.code, counts(second.out)]).toEqual([0, "2 rows, 2 accepted"]);
    expect(await readFile(rejects, "utf8").catch(() => "none")).toBe("none");
    expect((await onRecord("&status=REJECTED")).length).toBe(1);
  });

  test("leads with much in them go few at a time, and one that is too large is refused alone", async () => {
    const head = HEAD.replace("\n", ",Note\n");
    const noted = (row: string, note: string) => `${row.trim()},"${note}"\n`;
    const much = Array.from({ length: 260 }, (_, n) => noted(rowOf(1000 + n), "\u8cb7".repeat(3500)));
    const file = head + much.join("") + noted(rowOf(2000), '""\n'.repeat(70_000)) + noted(rowOf(2001), "");
    const { code, out, err } = await importing(file, "--yes");
    expect([code, counts(out)]).toEqual([1, "262 rows, 261 accepted, 1 refused"]);
    expect(err).toContain("row 262: is larger than 256 KiB, as it is sent\n");
  });

  test("leads of an import that was broken off, and of one whose answers were lost, are taken in once each", async () => {
    const file = HEAD + rowsFrom(1000, 520);
    let lost = 0;
    between = (answer) => {
      interrupted.abort();
      return answer;
    };
    const stopped = await importing(file, "--yes");
    expect(stopped.code).toBe(1);
    expect(stopped.err).toMatch(/Stopped after \d+ rows\. .*: a row that is in is not taken in twice\./);
    expect((await onRecord()).length).toBeLessThan(520);
    interrupted = new AbortController();
    between = (answer) => {
      lost += 1;
      return lost === 2 ? new Response("", { status: 503, headers: { "retry-after": "0" } }) : answer;
    };
    expect((await importing(file, "--yes")).code).toBe(0);
    expect((await onRecord()).length).toBe(520);
    expect(await violations(world.database, {})).toEqual([]);
  });

  test("leads are not imported to where they cannot go, which is said at once", async () => {
    const file = HEAD + rowOf(1000);
    await leadgate.admin("PATCH", "/campaigns/solar", { status: "paused" });
    expect((await importing(file, "--yes")).err).toContain("The campaign is paused.\nUp to there: 0 rows");
    await leadgate.admin("PATCH", "/campaigns/solar", { status: "active", mode: "ping_post" });
    // Before anything is said of columns, which no mending would help.
    expect((await importing(file, "")).err).toMatch(/^Leads of this campaign are pinged first/);
    const path = join(folder, "leads.csv");
    const other = `import ${path} --campaign solr --supplier acme --yes`.split(" ");
    let err = "";
    const context = commandContext(
      { url: server.url.href, adminKey: OPERATOR_KEY },
      { writeError: (text) => void (err += text) },
    );
    expect([await leads.run(other, context), err]).toEqual([
      1,
      'There is no campaign "solr". Did you mean solar?\n',
    ]);
    await leadgate.admin("PATCH", "/campaigns/solar", { mode: "direct" });
    expect((await importing("", "--yes")).err).toContain("no first line that names its columns");
  });
});
