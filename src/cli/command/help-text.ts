import { TOPICS } from "#manual/manual.ts";
import { SETTINGS } from "#runtime/settings.ts";
import type { Command } from "./command.ts";
import { commonOptions, type Form } from "./form.ts";

/** How one command is used, with its options and an example. */
export function helpOn(command: Command): string {
  const { name, forms, purpose, example, options } = command;
  const hasCommon = commonOptions(command).length > 0;
  const lines = forms.map(({ words, named }) => {
    const more = hasCommon || named.length > 0 ? ["[options]"] : [];
    return `${["leadgate", name, ...words, ...more].join(" ")}\n`;
  });
  const meanings = Object.entries(options);
  return `${lines.join("")}
  ${purpose}
${meanings.length > 0 ? `\nOptions:\n${columns(meanings)}` : ""}
Example:
  ${example}

${EXIT_CODES}`;
}

/** Every command and every setting. */
export function helpOnAll(commands: readonly Command[]): string {
  const settings = SETTINGS.map(({ name, meaning, default: otherwise }): [string, string] => [
    name,
    `${meaning}${otherwise === "" ? "" : ` (${otherwise})`}`,
  ]);
  return `Leadgate distributes leads from suppliers to buyers.

Commands (leadgate help COMMAND has the options of each, and an example):
${columns(commands.map((command) => [briefUsage(command), command.purpose]))}
The manual (leadgate help TOPIC prints a page of it; a running server has it at /docs):
${columns(TOPICS.map((topic) => [topic.name, topic.purpose]))}
Settings, from the environment (with what holds when they are absent):
${columns(settings)}
${EXIT_CODES}`;
}

/** A command with its words; where it has several forms, with the first word of each. */
export function briefUsage({ name, forms }: Command): string {
  const words = forms.length === 1 ? forms.flatMap((form) => form.words) : [firstWords(forms), "…"];
  return ["leadgate", name, ...words].join(" ");
}

function firstWords(forms: readonly Form[]): string {
  return forms.map(({ words }) => words[0]).join("|");
}

const EXIT_CODES = "Exit codes: 0 done, 1 could not be done, 2 typed or set up wrongly.\n";

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, meaning]) => `  ${name.padEnd(width)}  ${meaning}\n`).join("");
}
