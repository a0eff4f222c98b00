import type { CommandContext } from "#cli/command/command.ts";
import type { Settings } from "#runtime/settings.ts";

/** What a command works with in a test: a server by its address and key, and nothing else unless the test gives it. */
export function commandContext(
  server: { url: string; adminKey: string | undefined },
  over: Partial<CommandContext> = {},
): CommandContext {
  return {
    server: async () => server,
    write: () => undefined,
    writeError: () => undefined,
    settings: (): Settings => {
      throw new Error("this command has no need of settings");
    },
    interruption: () => new AbortController().signal,
    readInput: () => Promise.reject(new Error("no input")),
    isColoured: false,
    width: undefined,
    readFile: () => Promise.reject(new Error("no such file")),
    writeFile: () => Promise.reject(new Error("nowhere to write")),
    ...over,
  };
}
