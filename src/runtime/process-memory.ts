/** What the process saves: processor time, or memory. */
export type MemoryUse = "normal" | "low";

type Environment = Readonly<Record<string, string | undefined>>;

/** A process as it was started, and how it becomes another program (Node's `process.execve`, which Windows does not have). */
export interface StartedProcess {
  readonly env: Environment;
  readonly argv: readonly string[];
  readonly argv0: string;
  readonly execArgv: readonly string[];
  readonly execPath: string;
  execve?:
    | ((file: string, words: string[], environment: Record<string, string | undefined>) => void)
    | undefined;
}

/**
 * What JavaScriptCore and mimalloc read before a line of ours runs. Touching the heap's blocks beforehand, and giving pages back to the
 * system that are wanted again at once, took a third of the server's processor time: they are given back after 10 seconds, in ms, and
 * garbage is collected as on a machine of so many bytes. Without a limit the heap grew by 40 MB for nothing; with half as many every other
 * collection looked at the whole heap, at 3 to 10 percent of a lead's time for 1 to 11 MB. Giving back nothing at all saved another 7
 * percent, and cost 60 to 120 MB. The compiler's last tier took 40 to 190 µs a lead for as long as was measured (60,000
 * leads), and what it made was hardly quicker (311 µs a lead, 326 without); a simulated lead took 353 µs with it and 244 without.
 */
const VARIABLES: Readonly<Record<MemoryUse, Readonly<Record<string, string>>>> = {
  normal: {
    BUN_JSC_useWarmUpMarkedBlocks: "0",
    BUN_JSC_useFTLJIT: "0",
    BUN_JSC_forceRAMSize: "512000000",
    MIMALLOC_PURGE_DELAY: "10000",
  },
  low: {
    BUN_JSC_useWarmUpMarkedBlocks: "0",
    BUN_JSC_useFTLJIT: "0",
    BUN_JSC_forceRAMSize: "128000000",
    MIMALLOC_PURGE_DELAY: "10",
  },
};

/**
 * The embedded database's memory counts as garbage that might be collected. Next to 256 MB that was done all the time, at 120 to 160 µs a
 * lead; next to 512 at 6, for 25 MB more in all. Where little memory is used, 128 MB beside it are too few for that.
 */
const LOW_BESIDE_EMBEDDED = { ...VARIABLES.low, BUN_JSC_forceRAMSize: "256000000" };

/** The variables that a process has to be started with, where its database is a Postgres or the embedded one. */
export function memoryVariables(
  use: MemoryUse,
  database: "postgres" | "embedded",
): Readonly<Record<string, string>> {
  return use === "low" && database === "embedded" ? LOW_BESIDE_EMBEDDED : VARIABLES[use];
}

/**
 * Starts this process once more, in its place and by its number, unless it has its variables: whoever started it, signals, exit code and
 * output stay as they are. It returns when there is nothing to do, or where that cannot be done: then it is only slower.
 */
export function startTuned(started: StartedProcess): void {
  const { env, argv0, execPath } = started;
  // Anything else is refused with the other settings.
  const use = env["LEADGATE_MEMORY"]?.trim().toLowerCase() === "low" ? "low" : "normal";
  const isPostgres = ["DATABASE_URL", "DATABASE_URL_FILE"].some((name) => env[name]?.trim());
  const wanted = Object.entries(memoryVariables(use, isPostgres ? "postgres" : "embedded"));
  if (wanted.every(([name, value]) => env[name] === value)) return;
  try {
    started.execve?.(execPath, [argv0, ...wordsOf(started)], { ...env, ...Object.fromEntries(wanted) });
  } catch {
    // The file that it was started from may be gone.
  }
}

/** What starts this program once more. */
export function commandOf(
  started: Pick<StartedProcess, "argv" | "execArgv" | "execPath">,
): readonly string[] {
  return [started.execPath, ...wordsOf(started)];
}

/** An executable's second word names a file within it. */
function wordsOf({ argv, execArgv }: Pick<StartedProcess, "argv" | "execArgv">): readonly string[] {
  return argv[1]?.startsWith("/$bunfs/") === true ? argv.slice(2) : [...execArgv, ...argv.slice(1)];
}
