import { nearest } from "#text/did-you-mean.ts";
import type { Command } from "./command.ts";

/** What to say of a command that there is none of. */
export function unknownCommand(name: string, known: readonly string[]): string {
  return `There is no command ${JSON.stringify(name)}.${didYouMean(nearest(name, known))} See leadgate help.\n`;
}

/** What to say of a setting of the configuration document that there is none of. */
export function noSuchSetting(name: string, known: readonly string[]): string {
  const hint = didYouMean(nearest(name.replace(/^.*\./, ""), known));
  return `The configuration has no setting ${JSON.stringify(name)}.${hint} See leadgate help config.\n`;
}

/**
 * What is wrong with the words behind a command, as lines for the one who typed them: an option that it does not have, one without
 * its value, or a word too many. Undefined when nothing is; what the words say is for the command to judge.
 */
export function argumentError(
  { name, forms, options }: Pick<Command, "name" | "forms" | "options">,
  words: readonly string[],
): string | undefined {
  const see = `See leadgate help ${name}.\n`;
  const known = new Map(Object.keys(options).map((option) => [option.split(" ", 1)[0] ?? "", option]));
  for (let place = 0; place < words.length; place++) {
    const word = words[place] ?? "";
    if (isOption(word)) {
      const option = known.get(word);
      if (option === undefined) {
        return `${name} has no option ${JSON.stringify(word)}.${didYouMean(nearest(word, [...known.keys()]))} ${see}`;
      }
      if (option === word) continue;
      place += 1;
      if (words[place] === undefined) return `${option}: the value is missing. ${see}`;
    } else if (forms.every((form) => form.words.length === 0)) {
      return `${name} is given nothing, and was given ${JSON.stringify(word)}. ${see}`;
    }
  }
  return undefined;
}

/** A dash alone stands for standard input or output. */
function isOption(word: string): boolean {
  return /^-./.test(word);
}

function didYouMean(name: string | undefined): string {
  return name === undefined ? "" : ` Did you mean ${name}?`;
}
