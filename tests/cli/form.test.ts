import { describe, expect, test } from "bun:test";
import { formMatching, missingIn, parsedForm, usageOf } from "#cli/command/form.ts";

const KEYS = {
  name: "keys",
  forms: [
    "create SUPPLIER [NAME]",
    "rotate SUPPLIER KEY_ID [--overlap SECONDS]",
    "find --id ID | --name NAME --in LIST",
  ].map((line) => parsedForm(line)),
  options: { "--overlap SECONDS": "", "--id ID": "", "--name NAME": "", "--in LIST": "", "--json": "" },
};

describe("the forms of a command", () => {
  test.each<[string, Record<string, unknown>]>([
    ["create acme", { SUPPLIER: "acme", NAME: undefined, json: false }],
    ["create acme site --json", { SUPPLIER: "acme", NAME: "site", json: true }],
    ["rotate acme key_1 --overlap 60", { SUPPLIER: "acme", KEY_ID: "key_1", overlap: "60", json: false }],
    ["find --name site --in acme", { name: "site", in: "acme", json: false }],
    ["find --in acme --id 1 --name site", { id: "1", name: "site", in: "acme", json: false }],
  ])("take %s", (line, typed) => {
    expect(formMatching(KEYS, line.split(" "))?.typed).toEqual(typed);
  });

  test.each([
    "create",
    "create acme site more",
    "rename acme",
    "rotate acme",
    "create acme --overlap 60",
    "find --id 1",
    "find --in acme",
    "create acme --loud",
  ])("do not take %s", (line) => {
    expect(formMatching(KEYS, line.split(" "))).toBeUndefined();
  });

  test.each([
    ["create", ["SUPPLIER"]],
    ["rotate acme", ["KEY_ID"]],
    ["find --in acme", ["--id or --name"]],
    ["find", ["--id or --name", "--in"]],
    ["rename acme", []],
    ["", []],
  ])("say what of them was begun with %p and is missing", (line, missing) => {
    expect(missingIn(KEYS, line.split(" ").filter(Boolean))).toEqual(missing);
  });

  test("are the lines of the usage, each with the options that go with all: those that were begun, or all", () => {
    expect(usageOf(KEYS, [])).toBe(
      [
        "leadgate keys create SUPPLIER [NAME] [--json]",
        "leadgate keys rotate SUPPLIER KEY_ID [--overlap SECONDS] [--json]",
        "leadgate keys find --id ID | --name NAME --in LIST [--json]",
      ].join("\n       "),
    );
    expect(usageOf(KEYS, ["rotate", "acme"])).toBe(
      "leadgate keys rotate SUPPLIER KEY_ID [--overlap SECONDS] [--json]",
    );
  });
});
