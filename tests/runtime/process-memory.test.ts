// Not quick: it starts the program.
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { memoryVariables, type StartedProcess, startTuned } from "#runtime/process-memory.ts";

type Execve = Parameters<NonNullable<StartedProcess["execve"]>>;

/** What a process, started like this, was replaced by; undefined: it went on as it was. */
function replacedBy(over: Partial<StartedProcess>): Execve | undefined {
  const calls: Execve[] = [];
  startTuned({
    env: {},
    argv: ["bun", "/$bunfs/root/leadgate", "serve"],
    argv0: "leadgate",
    execArgv: [],
    execPath: "/usr/local/bin/leadgate",
    execve: (...call) => void calls.push(call),
    ...over,
  });
  return calls[0];
}

describe("a server that was started without its variables", () => {
  test("is replaced by the same program with the same words and all that was set, and those variables", () => {
    const [file, words, environment] = replacedBy({ env: { PORT: "8090", MIMALLOC_PURGE_DELAY: "7" } }) ?? [];
    expect({ file, words }).toEqual({ file: "/usr/local/bin/leadgate", words: ["leadgate", "serve"] });
    expect(environment).toEqual({ PORT: "8090", ...memoryVariables("normal", "embedded") });
  });

  test("keeps the words of the runtime when it runs from source", () => {
    const source = { argv: ["/bin/bun", "src/main.ts", "demo"], argv0: "bun", execArgv: ["--inspect"] };
    expect(replacedBy(source)?.[1]).toEqual(["bun", "--inspect", "src/main.ts", "demo"]);
  });

  test("gets those of little memory when LEADGATE_MEMORY says so, whatever the image has set", () => {
    const env = { ...memoryVariables("normal", "embedded"), LEADGATE_MEMORY: " Low " };
    expect(replacedBy({ env })?.[2]).toEqual({ ...env, ...memoryVariables("low", "embedded") });
  });

  test.each(["DATABASE_URL", "DATABASE_URL_FILE"])(
    "gets those of a server whose database is elsewhere where %s says so, and not where it is empty",
    (name) => {
      expect(replacedBy({ env: { [name]: "given" } })?.[2]).toMatchObject(
        memoryVariables("normal", "postgres"),
      );
      expect(replacedBy({ env: { [name]: "" } })?.[2]).toMatchObject(memoryVariables("normal", "embedded"));
    },
  );

  test("goes on as it is where a process cannot be replaced", () => {
    expect(() => replacedBy({ execve: undefined })).not.toThrow();
    const fails = () => {
      throw new Error("ENOENT");
    };
    expect(() => replacedBy({ execve: fails })).not.toThrow();
  });
});

test("a server that was started with its variables is not started once more", () => {
  for (const use of ["normal", "low"] as const)
    expect(
      replacedBy({ env: { ...memoryVariables(use, "embedded"), LEADGATE_MEMORY: use } }),
    ).toBeUndefined();
});

describe("the process that was started", () => {
  const main = join(import.meta.dir, "../../src/main.ts");
  const spawn = (words: string[], env: Record<string, string>) =>
    Bun.spawn([process.execPath, main, ...words], { env, stdin: "ignore", stdout: "pipe", stderr: "pipe" });

  test("is the one whose exit code and output are seen, also when the server refuses to start", async () => {
    const child = spawn(["serve"], { PORT: "no port", LEADGATE_MEMORY: "plenty" });
    expect(await child.exited).toBe(2);
    expect(await new Response(child.stderr).text()).toBe(
      "LEADGATE_MEMORY must be normal or low.\nPORT must be a whole number from 0 to 65535.\n",
    );
  });

  test("starts other commands as they are", async () => {
    const child = spawn(["help", "serve"], {});
    expect(await child.exited).toBe(0);
    expect(await new Response(child.stdout).text()).toContain("leadgate serve");
  });
});
