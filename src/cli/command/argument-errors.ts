import { nearest } from "#text/did-you-mean.ts";
import type { Command } from "./command.ts";
import { isBelowZero } from "./form.ts";

/** What to say of a command that there is none of. */
export function unknownCommand(name: string, known: readonly string[]): string {
  return `There is no command ${JSON.stringify(name)}.${didYouMean(nearest(name, known))} See leadgate help.\n`;
}

/** What to say of a setting of the configuration document that there is none of; `known` are the paths of all. */
export function noSuchSetting(asked: string, known: readonly string[]): string {
  const last = asked.replace(/^.*\./, "");
  const named = known.filter((path) => path.endsWith(`.${last}`));
  const names = new Set(known.map((path) => path.replace(/^.*\./, "")));
  const hint =
    named.length === 0
      ? didYouMean(nearest(last, [...names]))
      : ` Did you mean ${named.slice(0, MOST_PATHS).join(" or ")}?`;
  return `The configuration has no setting ${JSON.stringify(asked)}.${hint} See leadgate help config.\n`;
}

/** Of settings with one name, so many are told where they stand. */
const MOST_PATHS = 3;

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
  return unknownWord({ name, forms, options }, words);
}

/** Of a command whose forms all begin with a word, one that there is none of. */
export function unknownWord(
  { name, forms }: Pick<Command, "name" | "forms" | "options">,
  [first]: readonly string[],
): string | undefined {
  const known = [...new Set(forms.map(({ words }) => words[0] ?? ""))];
  const areWords = known.length > 1 && known.every((word) => /^[a-z]/.test(word));
  if (first === undefined || isOption(first) || !areWords || known.includes(first)) return undefined;
  return `There is no command ${JSON.stringify(`${name} ${first}`)}.${didYouMean(nearest(first, known))} See leadgate help ${name}.\n`;
}

/** A dash alone stands for standard input or output. */
function isOption(word: string): boolean {
  return /^-./.test(word) && !isBelowZero(word);
}

function didYouMean(name: string | undefined): string {
  return name === undefined ? "" : ` Did you mean ${name}?`;
}
