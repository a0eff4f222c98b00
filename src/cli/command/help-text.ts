import { TOPICS } from "#manual/manual.ts";
import { SETTINGS } from "#runtime/settings.ts";
import type { Command } from "./command.ts";
import { commonOptions, type Form, optionsFor } from "./form.ts";

/** How one command is used, with its options and an example; of one that does several things, that one alone which `first` begins. */
export function helpOn(command: Command, first?: string): string {
  const { name, purpose, example } = command;
  const meant = command.forms.filter(({ words }) => words[0] === first);
  const forms = meant.length > 0 ? meant : command.forms;
  const going = optionsFor(command, forms);
  const options = Object.entries(command.options).filter(([option]) => going.includes(option));
  const uses = forms.map((form) => {
    const does = form.does === "" ? "" : `    ${form.does}\n`;
    return `${["leadgate", name, ...form.words, ...optionsOf(form, command)].join(" ")}\n${does}`;
  });
  return `${uses.join("")}
  ${purpose}
${options.length > 0 ? `\nOptions:\n${columns(options)}` : ""}
Example:
  ${example}

${EXIT_CODES}`;
}

/** What has to be typed, and that more may be. */
function optionsOf({ named, demanded }: Form, command: Command): string[] {
  const written = (name: string) => Object.keys(command.options).find((option) => nameOf(option) === name);
  const groups = demanded.map((group) => group.map(written).join(" | "));
  const isMore = commonOptions(command).length > 0 || named.length > demanded.flat().length;
  return isMore ? [...groups, "[options]"] : groups;
}

function nameOf(option: string): string {
  return option.replace(/^--/, "").replace(/ .*$/, "");
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

/** As many as a line of the help has room for. */
const MOST_WORDS = 5;

function firstWords(forms: readonly Form[]): string {
  const words = [...new Set(forms.flatMap((form) => form.words.slice(0, 1)))];
  return words.slice(0, MOST_WORDS).join("|");
}

/** Of every command. */
const EXIT_CODES = `Exit codes: 0 done, 1 could not be done, 2 typed or set up wrongly.
3: something would change (plan --exit-code), or the person is not on the list (suppress check).
`;

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, meaning]) => `  ${name.padEnd(width)}  ${meaning}\n`).join("");
}
