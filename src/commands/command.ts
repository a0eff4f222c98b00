/** What a command that talks to a running server works with. */
export interface CommandContext {
  server: { url: string; adminKey: string | undefined };
  /** To standard output. */
  write(text: string): void;
  /** To standard error. */
  writeError(text: string): void;
  readFile(path: string): Promise<string>;
  writeFile(path: string, text: string): Promise<void>;
}

/** Why a command stopped, as a sentence for the one who typed it. */
export class CommandFailure extends Error {
  override readonly name = "CommandFailure";
}

/** Runs a command to its exit code: 0 when it did what was asked, 1 when it could not, 2 when it was typed wrongly. */
export async function exitCodeOf(context: CommandContext, work: () => Promise<void>): Promise<number> {
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

/** A file as the operator named it. */
export async function fileText(path: string, context: CommandContext): Promise<string> {
  try {
    return await context.readFile(path);
  } catch {
    throw new CommandFailure(`${path} cannot be read.`);
  }
}
