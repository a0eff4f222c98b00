import { expect, test } from "bun:test";
import { commandNamed } from "#cli/command-table.ts";
import { tellOperatorKey, whatNext } from "#cli/serving/serve.ts";
import { topicNamed } from "#manual/manual.ts";

const KEY = "lg_admin_0123456789";

function said(isTTY: boolean) {
  const [out, logged]: [string[], string[]] = [[], []];
  const log = { info: (line: string) => void logged.push(line) };
  tellOperatorKey(KEY, "./data", log, { isTTY, write: (text) => out.push(text) });
  return { out: out.join(""), logged: logged.join("") };
}

test("a new operator key is shown on a terminal, once, and not in the log", () => {
  expect(said(true)).toEqual({
    out: `Operator key, kept in ./data and shown this once: ${KEY}\n`,
    logged: "",
  });
});

test("a new operator key is not written to what is no terminal: the log names the file that holds it", () => {
  expect(said(false)).toEqual({
    out: "",
    logged: "an operator key was made: it is in the file operator-key in DATA_DIR",
  });
});

test("a server on which nothing is configured says what to type next, and where to read", () => {
  const said = whatNext("http://127.0.0.1:8080");
  for (const line of said.match(/leadgate \w+/g) ?? [])
    expect(commandNamed(line.split(" ")[1] ?? "")).toBeDefined();
  for (const [, page = ""] of said.matchAll(/8080\/docs\/([\w-]+)/g)) expect(topicNamed(page)).toBeDefined();
  expect(said).toContain("leadgate init");
});
