import { describe, expect, test } from "bun:test";
import { completionScript } from "#cli/command/completion-text.ts";
import { COMMAND_NAMES, commandNamed } from "#cli/command-table.ts";
import type { Database } from "#database/database.ts";
import { operatorRoutesOver } from "../admin/operator-api.ts";

const commands = COMMAND_NAMES.flatMap((name) => commandNamed(name) ?? []);

/** Routes are put together over a database that nobody asks. */
const NO_DATABASE = {} as Database;

/** Whatever their parts that are filled in are called. */
function shapeOf(route: string): string {
  return route.replaceAll(/\/(:\w+|[A-Z_]{2,})/g, "/*");
}

const routes = operatorRoutesOver(NO_DATABASE).map(
  ({ method, path }) => `${method.toUpperCase()} ${path.replace("/api/v1/admin", "")}`,
);

/** What a browser alone has use for: a command holds its key. */
const BROWSERS = ["POST /session", "GET /session", "DELETE /session"];

describe("the commands and the operators' API", () => {
  test("every operator route has its command, but for logging in and out", () => {
    const commanded = new Set(commands.flatMap((command) => command.routes.map(shapeOf)));
    expect(routes.filter((route) => !commanded.has(shapeOf(route)))).toEqual(BROWSERS);
  });

  test("every route that a command names exists", () => {
    const existing = new Set(routes.map(shapeOf));
    const named = commands.flatMap((command) => command.routes.map(shapeOf));
    expect(named.filter((route) => !existing.has(route))).toEqual([]);
  });

  test("every form of a command that has several says what it does", () => {
    const silent = commands
      .filter(({ name, forms }) => forms.length > 1 && name !== "help")
      .flatMap(({ name, forms }) =>
        forms.filter(({ does }) => does === "").map(({ line }) => `${name} ${line}`),
      );
    expect(silent).toEqual([]);
  });
});

describe("completion", () => {
  const script = completionScript("bash", commands, ["money"]);

  /** What bash offers for the last of these words. */
  async function offered(...words: string[]): Promise<string[]> {
    const server = `leadgate() { case "$*" in "completion ids buyer") echo sunco texco ;; esac; }`;
    const ask = `${script}\n${server}\nCOMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _leadgate; echo "\${COMPREPLY[@]}"`;
    return (await Bun.$`bash -c ${ask} bash ${words}`.text()).trim().split(" ");
  }

  test("bash offers the words of a command, then the options of that word alone, then the values of an option", async () => {
    expect(await offered("leadgate", "buy")).toEqual(["buyers"]);
    expect(await offered("leadgate", "buyers", "re")).toEqual(["remove", "resume", "recover"]);
    expect(await offered("leadgate", "buyers", "recover", "sunco", "--")).toEqual([
      "--since",
      "--until",
      "--json",
    ]);
    expect(await offered("leadgate", "buyers", "statement", "sunco", "--lines", "")).toEqual(["day", "sale"]);
    expect(await offered("leadgate", "help", "mon")).toEqual(["money"]);
  });

  test("bash offers the ids that the server has, where one is to be typed", async () => {
    expect(await offered("leadgate", "buyers", "show", "su")).toEqual(["sunco"]);
    expect(await offered("leadgate", "leads", "list", "--buyer", "")).toEqual(["sunco", "texco"]);
    expect(await offered("leadgate", "buyers", "show", "--")).toEqual(["--json"]);
  });

  test("fish has a line for each word and for each of its options", () => {
    const fish = completionScript("fish", commands, []);
    expect(fish).toContain("-l campaign -x -a '(leadgate completion ids campaign 2>/dev/null)'");
    expect(fish).toContain("-f -a recover -d 'send again what did not arrive'");
    expect(fish).toContain(
      "__fish_seen_subcommand_from buyers; and __fish_seen_subcommand_from statement' -l lines -x -a 'day sale'",
    );
  });
});
