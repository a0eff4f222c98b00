import type { Command } from "./command.ts";
import { type Form, optionsFor } from "./form.ts";

export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

/** What can be typed next after a command, or after its first word. */
interface Completed {
  readonly name: string;
  readonly purpose: string;
  readonly options: readonly string[];
  /** Words that an option may have as its value. */
  readonly values: readonly (readonly [option: string, words: readonly string[]])[];
}

/** A command, with what comes behind it: its first words, each with options of its own, or other words. */
interface CompletedCommand extends Completed {
  readonly below: readonly Completed[];
  readonly words: readonly string[];
}

/** A script by which the shell completes commands, their words and their options, and files for all else. */
export function completionScript(
  shell: Shell,
  commands: readonly Command[],
  topics: readonly string[],
): string {
  const completed = commands.map((command) => completedOf(command, topics));
  switch (shell) {
    case "bash":
      return bashScript(completed);
    case "zsh":
      return `#compdef leadgate\nautoload -U +X bashcompinit && bashcompinit\n${bashScript(completed)}`;
    case "fish":
      return fishScript(completed);
  }
}

function completedOf(command: Command, topics: readonly string[]): CompletedCommand {
  const { name, purpose, forms } = command;
  const byWord = Map.groupBy(forms, ({ words: [first = ""] }) => first);
  const below = Array.from(byWord)
    .filter(([word]) => /^[a-z]/.test(word))
    .map(([word, those]) => ({ ...ofForms(command, those), name: word, purpose: those[0]?.does ?? "" }));
  return {
    ...ofForms(command, forms),
    name,
    purpose,
    below,
    words: [...new Set([...below.map((each) => each.name), ...(name === "help" ? topics : [])])],
  };
}

function ofForms(command: Command, forms: readonly Form[]): Pick<Completed, "options" | "values"> {
  const options = optionsFor(command, forms).map((option) => option.split(" ", 1)[0] ?? "");
  const written = [...Object.keys(command.options), ...forms.map(({ line }) => line)];
  const values = options.flatMap((option) => {
    const [, words] = new RegExp(`${option} ([a-z]+(?:\\|[a-z]+)+)`).exec(written.join(" ")) ?? [];
    return words === undefined ? [] : [[option, words.split("|")] as const];
  });
  return { options, values };
}

function bashScript(commands: readonly CompletedCommand[]): string {
  const cases = commands.flatMap(({ below, words, ...command }) => [
    ...below.map((each) => bashCase(`${command.name}\\ ${each.name}`, each, [])),
    bashCase(`${command.name}\\ *`, command, words),
  ]);
  return `_leadgate() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" words="" options="" values=""
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${commands.map(({ name }) => name).join(" ")}" -- "$current"))
    return
  fi
  case "\${COMP_WORDS[1]} \${COMP_WORDS[2]}" in
${cases.join("\n")}
  esac
  if [ -n "$values" ]; then
    COMPREPLY=($(compgen -W "$values" -- "$current"))
  elif [ "\${current#-}" != "$current" ]; then
    COMPREPLY=($(compgen -W "$options" -- "$current"))
  elif [ "$COMP_CWORD" -eq 2 ] && [ -n "$words" ]; then
    COMPREPLY=($(compgen -W "$words" -- "$current"))
  else
    COMPREPLY=($(compgen -f -- "$current"))
  fi
}
complete -o filenames -F _leadgate leadgate
`;
}

function bashCase(pattern: string, { options, values }: Completed, words: readonly string[]): string {
  const said = values.map(([option, each]) => `${option}) values="${each.join(" ")}" ;;`);
  const ofOption = said.length === 0 ? "" : ` case "$previous" in ${said.join(" ")} esac`;
  return `    ${pattern}) words="${words.join(" ")}"; options="${options.join(" ")}";${ofOption} ;;`;
}

function fishScript(commands: readonly CompletedCommand[]): string {
  const lines = commands.flatMap(({ name, purpose, words, below, ...command }) => {
    const behind = `__fish_seen_subcommand_from ${name}`;
    const between = `${behind}; and not __fish_seen_subcommand_from ${words.join(" ")}`;
    const others = words.filter((word) => below.every((each) => each.name !== word));
    return [
      `complete -c leadgate -n __fish_use_subcommand -f -a ${name} -d '${quoted(purpose)}'`,
      ...below.map(
        (each) => `complete -c leadgate -n '${between}' -f -a ${each.name} -d '${quoted(each.purpose)}'`,
      ),
      ...(others.length > 0 ? [`complete -c leadgate -n '${between}' -f -a '${others.join(" ")}'`] : []),
      ...(below.length === 0 ? fishOptions(behind, { name, purpose, ...command }) : []),
      ...below.flatMap((each) =>
        fishOptions(`${behind}; and __fish_seen_subcommand_from ${each.name}`, each),
      ),
    ];
  });
  return `${lines.join("\n")}\n`;
}

function fishOptions(when: string, { options, values }: Completed): string[] {
  const words = new Map(values);
  return options.map((option) => {
    const value = words.get(option);
    const choice = value === undefined ? "" : ` -x -a '${value.join(" ")}'`;
    return `complete -c leadgate -n '${when}' -l ${option.replace(/^--/, "")}${choice}`;
  });
}

function quoted(text: string): string {
  return text.replaceAll("'", "\\'");
}
