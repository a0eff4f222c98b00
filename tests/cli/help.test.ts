import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { argumentError, noSuchSetting, unknownCommand } from "#cli/command/argument-errors.ts";
import { command as declared } from "#cli/command/command.ts";
import { helpOn } from "#cli/command/help-text.ts";
import { COMMAND_NAMES, commandNamed } from "#cli/command-table.ts";
import { notices } from "#cli/installation/notices.ts";
import { systemd } from "#cli/installation/systemd.ts";
import { memoryVariables } from "#runtime/process-memory.ts";
import { dependencies } from "../../package.json" with { type: "json" };
import { commandContext } from "./context.ts";

const commands = COMMAND_NAMES.map((name) => commandNamed(name)).filter((command) => command !== undefined);

describe.each(commands.map((command) => [command.name, command] as const))("leadgate %s", (name, command) => {
  test("has help with an example of its own, which would be taken", () => {
    const help = helpOn(command);
    expect(help).toStartWith(`leadgate ${name}`);
    expect(help).toContain("Exit codes: 0 done, 1 could not be done, 2 typed or set up wrongly.");
    const [, words = ""] = new RegExp(`leadgate ${name}(?![\\w-])([^>|&<]*)`).exec(command.example) ?? [
      "",
      "none",
    ];
    expect(words).not.toBe("none");
    expect(argumentError(command, words.split(" ").filter(Boolean))).toBeUndefined();
    for (const option of Object.keys(command.options)) expect(help).toContain(option);
  });

  test("refuses an option that it does not have", () => {
    expect(argumentError(command, ["--no-such-option"])).toStartWith(
      `${name} has no option "--no-such-option".`,
    );
  });
});

const COPY = {
  name: "copy",
  purpose: "",
  example: "",
  options: { "--to FILE": "where to", "--force": "in any case" },
} as const;
const COPY_FILE = declared({ ...COPY, forms: { FILE: async () => 0 } });

describe("what was mistyped", () => {
  test.each<[string[], string | undefined]>([
    [["a", "--to", "b", "--force"], undefined],
    [["-"], undefined],
    [["--to", "-"], undefined],
    [["--forse"], 'copy has no option "--forse". Did you mean --force? See leadgate help copy.\n'],
    [["--quiet-please"], 'copy has no option "--quiet-please". See leadgate help copy.\n'],
    [["-f"], 'copy has no option "-f". See leadgate help copy.\n'],
    [["a", "--to"], "--to FILE: the value is missing. See leadgate help copy.\n"],
  ])("%j", (words, said) => expect(argumentError(COPY_FILE, words)).toBe(said));

  test("a word behind a command that is given none is refused", () => {
    expect(argumentError(declared({ ...COPY, forms: { "": async () => 0 } }), ["8080"])).toBe(
      'copy is given nothing, and was given "8080". See leadgate help copy.\n',
    );
  });

  test("a command that there is none of, with the nearest", () => {
    expect(unknownCommand("bakcup", COMMAND_NAMES)).toContain("Did you mean backup?");
    expect(unknownCommand("quetzalcoatlus", COMMAND_NAMES)).not.toContain("Did you mean");
  });

  test("a word of a command that there is none of, also where its help is asked for", async () => {
    const written: string[] = [];
    const server = { url: "http://127.0.0.1:1", adminKey: undefined };
    const context = commandContext(server, { writeError: (text) => void written.push(text) });
    expect(await commandNamed("help")?.run(["leads", "lst"], context)).toBe(2);
    expect(await commandNamed("help")?.run(["leads", "list"], context)).toBe(0);
    expect(written).toEqual([
      'There is no command "leads lst". Did you mean list? See leadgate help leads.\n',
    ]);
  });

  test("a setting that stands elsewhere, with where it does; else with the nearest", () => {
    const paths = ["buyers", "buyers[].price", "buyers[].delivery.ping"];
    expect(noSuchSetting("buyers.ping", paths)).toContain(" Did you mean buyers[].delivery.ping?");
    expect(noSuchSetting("buyers.prise", paths)).toContain(" Did you mean price?");
  });
});

test("leadgate licenses has the texts of every package that the program depends on, and of what came inside them", () => {
  const all = notices();
  expect(all.map(({ name }) => name)).toEqual(
    expect.arrayContaining([...Object.keys(dependencies), "leadgate", "bun", "PostgreSQL", "cookie"]),
  );
  for (const name of ["leadgate", "bun", "PostgreSQL", "swagger-ui-dist", "@electric-sql/pglite", "elysia"]) {
    expect(all.find((notice) => notice.name === name)?.texts.join().length).toBeGreaterThan(200);
  }
  expect(all.filter(({ licence, version }) => licence === "" || !/^\d/.test(version))).toEqual([]);
});

describe("leadgate systemd", () => {
  async function unit(...words: string[]): Promise<string> {
    let said = "";
    const write = (text: string) => void (said += text);
    const writeError = write;
    await systemd.run(words, commandContext({ url: "", adminKey: undefined }, { write, writeError }));
    return said;
  }

  test("prints the path of an installed executable, or the one that is asked for", async () => {
    expect(await unit()).toContain("\nExecStart=/usr/local/bin/leadgate serve\n");
    expect(await unit("--executable", "/opt/leadgate/bin/leadgate")).toContain(
      "\nExecStart=/opt/leadgate/bin/leadgate serve\n",
    );
    expect(await unit("--executable", "./leadgate")).toContain("whole path");
  });

  test("prints a unit that gives the server time to stop and no more rights than it needs", async () => {
    const said = await unit();
    expect(Number(/^TimeoutStopSec=(\d+)$/m.exec(said)?.[1])).toBeGreaterThan(20);
    for (const line of [
      "NoNewPrivileges=yes",
      "ProtectSystem=strict",
      "DynamicUser=yes",
      "StateDirectory=leadgate",
    ]) {
      expect(said).toContain(`\n${line}\n`);
    }
    // Code that is compiled while it runs needs memory that can be written and run.
    expect(said).not.toContain("MemoryDenyWriteExecute");
  });

  test("starts the server with the variables for which it would start itself once more, as the image does", async () => {
    const image = await Bun.file(join(import.meta.dir, "../../Dockerfile")).text();
    const said = await unit();
    for (const [name, value] of Object.entries(memoryVariables("normal", "postgres"))) {
      expect(said).toContain(`\nEnvironment=${name}=${value}\n`);
      expect(image).toMatch(new RegExp(`^ENV .*\\b${name}=${value}( |$)`, "m"));
    }
  });

  const analyze = Bun.which("systemd-analyze");
  test.skipIf(analyze === null)("that systemd itself has nothing to say against", async () => {
    const folder = `${process.env["TMPDIR"] ?? "/tmp"}/leadgate-unit-${process.pid}`;
    const path = join(folder, "leadgate.service");
    // An executable that is there: what is verified is the rest.
    await Bun.write(path, (await unit()).replace(/^ExecStart=\S+/m, `ExecStart=${process.execPath}`));
    const verdict = Bun.spawnSync([analyze ?? "", "verify", "--man=no", path]);
    const said = verdict.stderr.toString();
    expect(said.split("\n").filter((line) => line.includes("leadgate.service"))).toEqual([]);
    expect(existsSync(path)).toBe(true);
    await Bun.$`rm -r ${folder}`.quiet();
  });
});
