import { nearest } from "#text/did-you-mean.ts";
import type { Command } from "./command.ts";

/** What to say of a command that there is none of. */
export function unknownCommand(name: string, known: readonly string[]): string {
  return `There is no command ${JSON.stringify(name)}.${didYouMean(nearest(name, known))} See leadgate help.\n`;
}

/**
 * What is wrong with the words behind a command, as lines for the one who typed them: an option that it does not have, one without
 * its value, or a word too many. Undefined when nothing is; what the words say is for the command to judge.
 */
export function mistyped({ name, usage, options }: Command, words: readonly string[]): string | undefined {
  const known = new Map(Object.keys(options).map((option) => [firstWord(option), option]));
  for (let place = 0; place < words.length; place++) {
    const word = words[place] ?? "";
    if (isOption(word)) {
      const option = known.get(word);
      if (option === undefined) {
        return `${name} has no option ${JSON.stringify(word)}.${didYouMean(nearest(word, [...known.keys()]))} See leadgate help ${name}.\n`;
      }
      if (option !== word) {
        place += 1;
        if (words[place] === undefined)
          return `${option}: the value is missing. See leadgate help ${name}.\n`;
      }
    } else if (usage === name) {
      return `${name} is given nothing, and was given ${JSON.stringify(word)}. See leadgate help ${name}.\n`;
    }
  }
  return undefined;
}

/** A dash alone stands for standard input or output. */
function isOption(word: string): boolean {
  return /^-./.test(word);
}

function firstWord(option: string): string {
  return option.split(" ", 1)[0] ?? "";
}

function didYouMean(name: string | undefined): string {
  return name === undefined ? "" : ` Did you mean ${name}?`;
}
