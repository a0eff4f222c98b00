import { type ParseArgsConfig, parseArgs } from "node:util";
import type { Settings } from "#runtime/settings.ts";

/** What can be typed after `leadgate`, with all that its help says. */
export interface Command {
  name: string;
  /** How it is typed: its name, what it is given, but no options. A command whose usage is its name alone is given nothing. */
  usage: string;
  purpose: string;
  /** A whole line that can be typed as it stands. */
  example: string;
  /** Its options with their meaning: `--force` is a switch, `--out FILE` has a value. Others are refused before it runs. */
  options: Readonly<Record<`--${string}`, string>>;
  /** Runs to an exit code. Settings are read only by commands that need them: `version` works in any environment. */
  run(args: string[], settings: () => Settings): Promise<number>;
}

/** Where a command says things. */
export interface Terminal {
  /** To standard output. */
  write(text: string): void;
  /** To standard error. */
  writeError(text: string): void;
}

/** What a command that talks to a running server works with. */
export interface CommandContext extends Terminal {
  server: { url: string; adminKey: string | undefined };
  readFile(path: string): Promise<string>;
  writeFile(path: string, text: string): Promise<void>;
}

/** Why a command stopped, as a sentence for the one who typed it. */
export class CommandFailure extends Error {
  override readonly name = "CommandFailure";
}

/** Runs a command to its exit code: 0 when it did what was asked, 1 when it could not, 2 when it was typed wrongly. */
export async function exitCodeOf(context: Terminal, work: () => Promise<void>): Promise<number> {
  try {
    await work();
    return 0;
  } catch (error) {
    if (error instanceof WrongUse) {
      context.writeError(`Usage: ${error.message}\n`);
      return 2;
    }
    if (!(error instanceof CommandFailure)) throw error;
    context.writeError(`${error.message}\n`);
    return 1;
  }
}

/** The command was typed wrongly; the message is how it is used. */
export class WrongUse extends Error {
  override readonly name = "WrongUse";
}

/** The words behind a command, sorted into options and the rest. @throws WrongUse, which says `use`. */
export function sorted<const Options extends NonNullable<ParseArgsConfig["options"]>>(
  args: readonly string[],
  use: string,
  options: Options,
) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch {
    throw new WrongUse(use);
  }
}

/** A file as the operator named it. */
export async function fileText(path: string, context: CommandContext): Promise<string> {
  try {
    return await context.readFile(path);
  } catch {
    throw new CommandFailure(`${path} cannot be read.`);
  }
}
