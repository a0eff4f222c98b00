import { SETTINGS } from "#runtime/settings.ts";
import type { Command } from "./command.ts";
import { unknownCommand } from "./mistyped.ts";

/** `leadgate help [COMMAND]`: everything there is, or how one command is used. */
export async function help(name: string | undefined, commands: readonly Command[]): Promise<number> {
  const command = commands.find((known) => known.name === name);
  if (name !== undefined && command === undefined) {
    process.stderr.write(
      unknownCommand(
        name,
        commands.map((known) => known.name),
      ),
    );
    return 2;
  }
  process.stdout.write(command === undefined ? helpOnAll(commands) : helpOn(command));
  return 0;
}

/** How one command is used, with its options and an example. */
export function helpOn({ usage, purpose, example, options }: Command): string {
  const named = Object.entries(options);
  return `leadgate ${usage}${named.length > 0 ? " [options]" : ""}

  ${purpose}
${named.length > 0 ? `\nOptions:\n${columns(named)}` : ""}
Example:
  ${example}

${EXIT_CODES}`;
}

function helpOnAll(commands: readonly Command[]): string {
  const settings = SETTINGS.map(({ name, meaning, default: otherwise }): [string, string] => [
    name,
    `${meaning}${otherwise === "" ? "" : ` (${otherwise})`}`,
  ]);
  return `Leadgate distributes leads from suppliers to buyers.

Commands (leadgate help COMMAND has the options of each, and an example):
${columns(commands.map(({ usage, purpose }) => [`leadgate ${usage}`, purpose]))}
Settings, from the environment (with what holds when they are absent):
${columns(settings)}
${EXIT_CODES}`;
}

const EXIT_CODES = "Exit codes: 0 done, 1 could not be done, 2 typed or set up wrongly.\n";

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, meaning]) => `  ${name.padEnd(width)}  ${meaning}\n`).join("");
}
