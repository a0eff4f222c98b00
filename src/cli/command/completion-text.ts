import type { Command } from "./command.ts";
import { type Form, optionsFor } from "./form.ts";
import { PART_KINDS } from "./near-ids.ts";

export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

/** What can be typed next after a command, or after its first word. */
interface Completed {
  readonly name: string;
  readonly purpose: string;
  readonly options: readonly string[];
  /** Words that an option may have as its value. */
  readonly values: readonly (readonly [option: string, words: readonly string[]])[];
  /** Options whose value is the id of a part of the configuration, with the kind of the part. */
  readonly parts: readonly (readonly [option: string, kind: string])[];
  /** The kind of part whose id comes behind its first word, if one does. */
  readonly part: string | undefined;
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

function ofForms(command: Command, forms: readonly Form[]): Omit<Completed, "name" | "purpose"> {
  const typed = optionsFor(command, forms);
  const options = typed.map((option) => option.split(" ", 1)[0] ?? "");
  const written = [...Object.keys(command.options), ...forms.map(({ line }) => line)];
  const values = options.flatMap((option) => {
    const [, words] = new RegExp(`${option} ([a-z]+(?:\\|[a-z]+)+)`).exec(written.join(" ")) ?? [];
    return words === undefined ? [] : [[option, words.split("|")] as const];
  });
  const parts = typed.flatMap((option) => {
    const [name = "", value] = option.split(" ");
    const kind = value === undefined ? undefined : (kindIn(name.replace("--", "")) ?? kindIn(value));
    return kind === undefined ? [] : [[name, kind] as const];
  });
  const part = forms.map(({ words }) => kindIn(words[1] ?? "")).find((kind) => kind !== undefined);
  return { options, values, parts, part };
}

/** The kind of part that an option's name, or a word in capitals, is about. */
function kindIn(word: string): string | undefined {
  return PART_KINDS.find((kind) => kind === word.toLowerCase());
}

function bashScript(commands: readonly CompletedCommand[]): string {
  const cases = commands.flatMap(({ below, words, ...command }) => [
    ...below.map((each) => bashCase(`${command.name}\\ ${each.name}`, each, [])),
    bashCase(`${command.name}\\ *`, command, words),
  ]);
  return `_leadgate() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" words="" options="" values="" part=""
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${commands.map(({ name }) => name).join(" ")}" -- "$current"))
    return
  fi
  case "\${COMP_WORDS[1]} \${COMP_WORDS[2]}" in
${cases.join("\n")}
  esac
  if [ -n "$part" ] && [ "\${current#-}" = "$current" ]; then
    values="$("\${COMP_WORDS[0]}" completion ids "$part" 2>/dev/null)"
  fi
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

function bashCase(
  pattern: string,
  { options, values, parts, part }: Completed,
  words: readonly string[],
): string {
  const behind = part === undefined ? "" : ` [ "$COMP_CWORD" -eq 3 ] && part=${part};`;
  const said = [
    ...values.map(([option, each]) => `${option}) values="${each.join(" ")}" ;;`),
    ...parts.map(([option, kind]) => `${option}) part=${kind} ;;`),
  ];
  const ofOption = said.length === 0 ? "" : ` case "$previous" in ${said.join(" ")} esac`;
  return `    ${pattern}) words="${words.join(" ")}"; options="${options.join(" ")}";${behind}${ofOption} ;;`;
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
      ...(below.length === 0 ? fishOptions(behind, { name, purpose, ...command, part: undefined }) : []),
      ...below.flatMap((each) =>
        fishOptions(`${behind}; and __fish_seen_subcommand_from ${each.name}`, each),
      ),
    ];
  });
  return `${lines.join("\n")}\n`;
}

function fishOptions(when: string, { options, values, parts, part }: Completed): string[] {
  const [words, kinds] = [new Map(values), new Map(parts)];
  const lines = options.map((option) => {
    const value = words.get(option);
    const kind = kinds.get(option);
    const offered = value?.join(" ") ?? (kind === undefined ? undefined : idsIn(kind));
    const choice = offered === undefined ? "" : ` -x -a '${offered}'`;
    return `complete -c leadgate -n '${when}' -l ${option.replace(/^--/, "")}${choice}`;
  });
  return part === undefined ? lines : [...lines, `complete -c leadgate -n '${when}' -f -a '${idsIn(part)}'`];
}

function idsIn(kind: string): string {
  return `(leadgate completion ids ${kind} 2>/dev/null)`;
}

function quoted(text: string): string {
  return text.replaceAll("'", "\\'");
}
