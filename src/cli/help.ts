import { TOPICS, topicNamed } from "#manual/manual.ts";
import { terminalTextOf } from "#manual/markdown.ts";
import { SETTINGS } from "#runtime/settings.ts";
import type { Command } from "./command.ts";
import { unknownCommand } from "./mistyped.ts";

/** `leadgate help [COMMAND|TOPIC]`: everything there is, how one command is used, a page of the manual; both where they share a name. */
export async function help(name: string | undefined, commands: readonly Command[]): Promise<number> {
  if (name === undefined) {
    process.stdout.write(helpOnAll(commands));
    return 0;
  }
  const command = commands.find((known) => known.name === name);
  const topic = topicNamed(name);
  if (command === undefined && topic === undefined) {
    process.stderr.write(
      unknownCommand(
        name,
        [...commands, ...TOPICS].map((known) => known.name),
      ),
    );
    return 2;
  }
  const parts = [command && helpOn(command), topic && terminalTextOf(topic.text)];
  process.stdout.write(parts.filter((part) => part !== undefined).join("\n\n"));
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
The manual (leadgate help TOPIC prints a page of it; a running server has it at /docs):
${columns(TOPICS.map((topic) => [topic.name, topic.purpose]))}
Settings, from the environment (with what holds when they are absent):
${columns(settings)}
${EXIT_CODES}`;
}

const EXIT_CODES = "Exit codes: 0 done, 1 could not be done, 2 typed or set up wrongly.\n";

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, meaning]) => `  ${name.padEnd(width)}  ${meaning}\n`).join("");
}
