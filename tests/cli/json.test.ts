import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Command } from "#cli/command/command.ts";
import { COMMAND_NAMES, commandNamed } from "#cli/command-table.ts";
import { commandContext } from "./context.ts";

const commands = COMMAND_NAMES.flatMap((name) => commandNamed(name) ?? []);

/** Of these what is written is a document of its own, or the command does something and writes nothing. */
const WITHOUT_JSON = [
  ["serve", "demo"], // They serve.
  ["init", "systemd", "openapi", "licenses", "completion", "help"], // Texts that are files.
  ["backup", "restore", "migrate-db", "database"], // What they say is of their progress.
].flat();

/** These follow or wait, read files of any size, or look at a whole installation: their own tests run them. */
const OF_THEIR_OWN = ["tail", "simulate FILE --since", "forget", "suppress import", "leads import", "doctor"];

const FILES: Readonly<Record<string, string>> = {
  key: "a-key-of-another-system-0123456789",
  "lead.json": '{"flo_campaign_id":"solar","flo_supplier_id":"acme"}',
  yaml: "version: 1\n",
};

/** A file on disk, as it is read in pieces. */
const costsFile = join(mkdtempSync(join(tmpdir(), "leadgate-json-")), "costs.csv");
writeFileSync(costsFile, "day,amount\n2030-01-01,5.00\n");
afterAll(() => rmSync(dirname(costsFile), { recursive: true }));

/** What to type for a form: the words that it cannot do without, the options that it demands, what makes it do it, and JSON. */
function typedFor({ name, forms, options }: Command, line: string): string[] {
  const files: Readonly<Record<string, string>> = { costs: costsFile, keys: "key", simulate: "lead.json" };
  const isOfForms = forms.some((form) => form.line.includes("--yes"));
  const doesIt = line.includes("--yes") || (!isOfForms && "--yes" in options) ? ["--yes"] : [];
  const typed = line
    .replaceAll(/\[[^\]]*\]|--yes|\|/g, "")
    .split(" ")
    .filter((word) => word !== "")
    .map((word) => {
      if (word === "FILE") return files[name] ?? "yaml";
      if (word === "REVISION") return "1";
      if (word === "AMOUNT") return "1.00";
      return /^[A-Z_]+$/.test(word) ? "some-id" : word;
    });
  return [...typed, ...doesIt, "--json"];
}

function isJsonOrLines(text: string): boolean {
  const lines = text.trim().split("\n");
  return [[text], lines].some((parts) =>
    parts.every((part) => {
      try {
        return JSON.parse(part) !== undefined;
      } catch {
        return false;
      }
    }),
  );
}

describe("leadgate COMMAND --json", () => {
  let server: Bun.Server<undefined>;
  const data = { id: "some-id", revision: 1, changes: [], warnings: [], document: {}, replaced: null };
  beforeAll(() => {
    server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch({ url }) {
        const format = new URL(url).searchParams.get("format");
        if (format === "csv") return new Response("id,name\n", { headers: { "content-type": "text/csv" } });
        if (format === "ndjson") return new Response('{"id":"a"}\n{"id":"b"}\n');
        return Response.json({ data }, { headers: { etag: '"1"' } });
      },
    });
  });
  afterAll(() => server.stop(true));

  test("is an option of every command, but for those that write no answer", () => {
    const without = commands.filter(({ options }) => !Object.hasOwn(options, "--json"));
    expect(without.map(({ name }) => name).toSorted()).toEqual(WITHOUT_JSON.toSorted());
  });

  const forms = commands
    .filter(({ options }) => Object.hasOwn(options, "--json"))
    .flatMap((command) =>
      command.forms.map(({ line }) => [`${command.name} ${line}`, command, line] as const),
    )
    .filter(([form]) => !OF_THEIR_OWN.some((name) => form.startsWith(name)));

  test.each(forms)(
    "%s writes JSON, or lines of it, and nothing else to standard output",
    async (_, command, line) => {
      let [out, err] = ["", ""];
      const context = commandContext(
        { url: server.url.origin, adminKey: "operator" },
        {
          write: (text) => void (out += text),
          writeError: (text) => void (err += text),
          readFile: async (path) => FILES[path] ?? "{}",
          settings: () => ({ serverUrl: server.url.origin }) as never,
        },
      );
      const code = await command.run(typedFor(command, line), context);
      expect([code, err]).not.toEqual([2, expect.any(String)]);
      expect(isJsonOrLines(out)).toBe(true);
    },
  );
});

test("leadgate deliveries, history, ledger and recover take days for --since and --until, which begin and end in UTC", async () => {
  const asked: string[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const { searchParams } = new URL(request.url);
      const sent = request.method === "GET" ? Object.fromEntries(searchParams) : await request.json();
      asked.push(`${sent.since} ${sent.until}`);
      return Response.json({ data: {} });
    },
  });
  const context = commandContext({ url: server.url.origin, adminKey: "operator" });
  for (const line of ["deliveries list", "history", "ledger", "buyers recover sunco"]) {
    const [name = "", ...words] = line.split(" ");
    const days = ["--since", "2030-01-30", "--until", "2030-01-31", "--json"];
    expect(await commandNamed(name)?.run([...words, ...days], context)).toBe(0);
  }
  await server.stop(true);
  expect(new Set(asked)).toEqual(new Set(["2030-01-30T00:00:00.000Z 2030-02-01T00:00:00.000Z"]));
});
