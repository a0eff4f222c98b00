import { describe, expect, test } from "bun:test";
import { runCommand } from "#cli/command-table.ts";
import { init } from "#cli/installation/init.ts";
import { readDocument } from "#configuration/document-text.ts";
import { problemsIn } from "#configuration/problems/document-problems.ts";
import { warningsIn } from "#configuration/warnings/document-warnings.ts";
import { commandContext } from "./context.ts";

/** What a command writes, on the screen and to files. */
async function written(words: string[], files: Record<string, string> = {}) {
  let out = "";
  let err = "";
  const context = commandContext(
    { url: "http://127.0.0.1:8080/", adminKey: undefined },
    {
      write: (text) => void (out += text),
      writeError: (text) => void (err += text),
      readFile: async (path) => files[path] ?? Promise.reject(new Error("no such file")),
      writeFile: async (path, text) => void (files[path] = text),
    },
  );
  return { code: await runCommand(words, context), out, err, files };
}

describe("leadgate init", () => {
  test("writes a document without mistakes, of which nothing is to be warned but its address for examples", async () => {
    const { code, files } = await written(["init", "mine.yaml"]);
    const text = files["mine.yaml"] ?? "";
    expect(code).toBe(0);
    expect(text).toStartWith(
      "# yaml-language-server: $schema=http://127.0.0.1:8080/docs/configuration.schema.json\n",
    );
    const read = readDocument(text, "yaml");
    const document = read.ok ? read.document : read.message;
    expect(problemsIn(document)).toEqual([]);
    const surroundings = {
      mailIsSetUp: false,
      isRefused: () => false,
      dropsBefore: null,
      emptyLists: new Set<string>(),
      balances: new Map(),
      withoutToken: new Set<string>(),
    };
    expect(warningsIn(document as Parameters<typeof warningsIn>[0], surroundings)).toEqual([
      expect.objectContaining({ code: "address_of_nobody", path: "buyers[sunco].delivery.url" }),
    ]);
  });

  test("has every setting of a campaign, written or as a comment", async () => {
    const { out } = await written(["init", "-"]);
    for (const setting of ["distribution", "pii_days", "max_sells", "exclude_states", "rate_limits"]) {
      expect(out).toContain(`# ${setting}: `);
    }
  });

  test("leaves a file alone that is there", async () => {
    const { code, err, files } = await written(["init"], { "leads.yaml": "version: 1\n" });
    expect([code, err]).toEqual([1, "leads.yaml is there already, and is left as it is.\n"]);
    expect(files["leads.yaml"]).toBe("version: 1\n");
    expect(init.example).toBe("leadgate init leads.yaml");
  });
});

describe("leadgate completion", () => {
  test.each(["bash", "zsh", "fish"])("knows commands, their words and options, for %s", async (shell) => {
    const { code, out } = await written(["completion", shell]);
    expect(code).toBe(0);
    for (const word of ["history", "suppress", "quickstart", "if-revision"]) expect(out).toContain(word);
  });

  test("is refused for another shell", async () => {
    expect((await written(["completion", "tcsh"])).code).toBe(2);
  });
});
