import { readFile, writeFile } from "node:fs/promises";
import type { CommandContext } from "#cli/command/command.ts";
import { adminKeyInDataDir } from "#runtime/secrets.ts";
import { areColoursWanted, SettingsError, settingsOfProcess } from "#runtime/settings.ts";
import { runCommand } from "./command-table.ts";

/** The terminal, files, settings and signals of this process. */
const CONTEXT: CommandContext = {
  write: (text) => void process.stdout.write(text),
  writeError: (text) => void process.stderr.write(text),
  isColoured: process.stdout.isTTY && areColoursWanted(),
  width: process.stdout.isTTY ? process.stdout.columns : undefined,
  readFile: (path) => readFile(path, "utf8"),
  readInput: () => Bun.stdin.text(),
  writeFile: (path, text) => writeFile(path, text),
  settings: settingsOfProcess,
  async server() {
    const { serverUrl, adminKey, dataDir } = settingsOfProcess();
    return { url: serverUrl, adminKey: adminKey ?? (await adminKeyInDataDir(dataDir)) };
  },
  interruption() {
    const interrupted = new AbortController();
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => interrupted.abort());
    return interrupted.signal;
  },
};

/** Runs what was typed after `leadgate` on this process, and leaves its exit code there. */
export async function runOnProcess(words: string[]): Promise<void> {
  // Whoever reads what is printed may have seen enough, as `head` has.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    process.stderr.write(`What is printed cannot be written: ${error.message}.\n`);
    process.exit(1);
  });
  try {
    process.exitCode = await runCommand(words, CONTEXT);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    process.stderr.write(error.problems.map((problem) => `${problem}\n`).join(""));
    process.exitCode = 2;
  }
}
