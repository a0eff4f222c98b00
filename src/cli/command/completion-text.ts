import type { Command } from "./command.ts";

export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

/** What can be typed next after each command: the words of its forms, and its options. */
interface Completed {
  readonly name: string;
  readonly purpose: string;
  readonly words: readonly string[];
  readonly options: readonly string[];
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

function completedOf({ name, purpose, forms, options }: Command, topics: readonly string[]): Completed {
  const typed = forms.flatMap(({ words }) => words.slice(0, 1)).filter((word) => /^[a-z]/.test(word));
  return {
    name,
    purpose,
    words: [...new Set(name === "help" ? [...typed, ...topics] : typed)],
    options: Object.keys(options).map((option) => option.split(" ", 1)[0] ?? ""),
  };
}

function bashScript(commands: readonly Completed[]): string {
  const cases = commands.map(
    ({ name, words, options }) =>
      `    ${name}) words="${words.join(" ")}"; options="${options.join(" ")}" ;;`,
  );
  return `_leadgate() {
  local current="\${COMP_WORDS[COMP_CWORD]}" words="" options=""
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${commands.map(({ name }) => name).join(" ")}" -- "$current"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join("\n")}
  esac
  if [ "\${current#-}" != "$current" ]; then
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

function fishScript(commands: readonly Completed[]): string {
  const lines = commands.flatMap(({ name, purpose, words, options }) => {
    const behind = `complete -c leadgate -n '__fish_seen_subcommand_from ${name}'`;
    return [
      `complete -c leadgate -n __fish_use_subcommand -f -a ${name} -d '${purpose.replaceAll("'", "\\'")}'`,
      ...(words.length > 0 ? [`${behind} -f -a '${words.join(" ")}'`] : []),
      ...options.map((option) => `${behind} -l ${option.replace(/^--/, "")}`),
    ];
  });
  return `${lines.join("\n")}\n`;
}
