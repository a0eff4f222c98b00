import { type ParseArgsConfig, parseArgs } from "node:util";

/** Options with their meaning: `--force` is a switch, `--out FILE` has a value, `--map PAIR…` may be typed several times. */
export type Options = Readonly<Record<`--${string}`, string>>;

/**
 * One way to type a command, such as `rotate SUPPLIER KEY_ID [--overlap SECONDS]`: words that are typed as they stand, then values in
 * capitals, with brackets around what may be left out. Options that a form names belong to the forms that name them, and without
 * brackets must be there, one at least of those with `|` between. All other options of the command go with every form.
 */
export interface Form {
  readonly line: string;
  /** The words before its options. */
  readonly words: readonly string[];
  /** The options that it names, without dashes. */
  readonly named: readonly string[];
  /** Of each of these groups one option at least must be typed. */
  readonly demanded: readonly (readonly string[])[];
  /** What it does, for its help; empty where the command has no other form. */
  readonly does: string;
}

/** What was typed, by name: a value in capitals, an option's value, or whether a switch is there. */
export type Typed<Line extends string, Named extends Options> = WordsOf<Line> & {
  [Option in keyof Named as NameOf<Option>]: Option extends `${string}…`
    ? readonly string[]
    : Option extends `${string} ${string}`
      ? string | undefined
      : boolean;
};

type NameOf<Option> = Option extends `--${infer Name} ${string}`
  ? Name
  : Option extends `--${infer Name}`
    ? Name
    : never;

type WordsOf<Line extends string> = Line extends "" | `--${string}` | `[--${string}`
  ? unknown
  : Line extends `${infer Word} ${infer Rest}`
    ? WordOf<Word> & WordsOf<Rest>
    : WordOf<Line>;

type WordOf<Word extends string> = Word extends `[${infer Name}]`
  ? { readonly [Key in Name]: string | undefined }
  : Word extends Uppercase<Word>
    ? { readonly [Key in Word]: string }
    : unknown;

/** Reads a form out of its line. */
export function parsedForm(line: string, does = ""): Form {
  const [words = ""] = line.split(/(?:^|\s)\[?--/, 1);
  const demanded = line
    .replaceAll(/\[[^\]]*\]/g, "")
    .match(/--[\w-]+(?: [^-|\s]\S*)?(?: \| --[\w-]+(?: [^-|\s]\S*)?)*/g);
  return {
    line,
    words: words.split(" ").filter(Boolean),
    named: namesIn(line),
    demanded: (demanded ?? []).map(namesIn),
    does,
  };
}

function namesIn(text: string): string[] {
  return Array.from(text.matchAll(/--([\w-]+)/g), ([, name = ""]) => name);
}

interface Described {
  readonly name: string;
  readonly forms: readonly Form[];
  readonly options: Options;
}

/** The first form that the words fit, and what they say by name; undefined when they fit none. */
export function formMatching(
  { forms, options }: Described,
  words: readonly string[],
): { form: Form; typed: Readonly<Record<string, unknown>> } | undefined {
  const parsed = parsedWords(words, options);
  if (parsed === undefined) return undefined;
  const owned = new Set(forms.flatMap(({ named }) => named));
  for (const form of forms) {
    const values = valuesOf(form, parsed.positionals);
    const given = Object.keys(parsed.values).filter((name) => isGiven(parsed.values[name]));
    const isWhole = form.demanded.every((group) => group.some((name) => given.includes(name)));
    const isForeign = given.some((name) => owned.has(name) && !form.named.includes(name));
    if (values !== undefined && isWhole && !isForeign)
      return { form, typed: { ...parsed.values, ...values } };
  }
  return undefined;
}

/** What the words of a form lack that was begun, such as `FILE` or `--list`; nothing where it cannot be told which form was meant. */
export function missingIn({ forms, options }: Described, words: readonly string[]): string[] {
  const parsed = parsedWords(words, options);
  if (parsed === undefined) return [];
  const { positionals, values } = parsed;
  const [form, ...others] = forms.filter((each) => isBegun(each, positionals));
  if (form === undefined || others.length > 0) return [];
  const isTyped = (name: string) => isGiven(values[name]);
  return [
    ...form.words.slice(positionals.length).filter((word) => !word.startsWith("[")),
    ...form.demanded
      .filter((group) => !group.some(isTyped))
      .map((group) => group.map((name) => `--${name}`).join(" or ")),
  ];
}

/** The first word that no form has a place for, where as many as were typed before it are all of the longest that was begun. */
export function surplusIn({ forms, options }: Described, words: readonly string[]): string | undefined {
  const positionals = parsedWords(words, options)?.positionals ?? [];
  const most = Math.max(
    ...forms
      .filter((form) => isBegun(form, positionals.slice(0, form.words.length)))
      .map((form) => form.words.length),
  );
  return Number.isFinite(most) ? positionals[most] : undefined;
}

/** Whether the words that are typed as they stand were typed. */
function isBegun({ words }: Form, typed: readonly string[]): boolean {
  if (typed.length > words.length) return false;
  return words.every((word, place) => /^[[A-Z]/.test(word) || typed[place] === word);
}

/** Whether an option was typed: a switch that was not is false, and what may be typed several times an empty list. */
export function isGiven(value: unknown): boolean {
  return value !== undefined && value !== false && !(Array.isArray(value) && value.length === 0);
}

function parsedWords(words: readonly string[], declared: Options) {
  const options: NonNullable<ParseArgsConfig["options"]> = {};
  for (const option of Object.keys(declared)) {
    const [name = ""] = namesIn(option);
    if (option.endsWith("…")) options[name] = { type: "string", multiple: true, default: [] };
    else options[name] = option.includes(" ") ? { type: "string" } : { type: "boolean", default: false };
  }
  try {
    const { values, positionals } = parseArgs({
      args: words.map(maskedAmount),
      options,
      allowPositionals: true,
      strict: true,
    });
    const unmasked = Object.entries(values).map(([name, value]) => [
      name,
      typeof value === "string" ? typedAmount(value) : value,
    ]);
    return { values: Object.fromEntries(unmasked), positionals: positionals.map(typedAmount) };
  } catch {
    return undefined;
  }
}

/** An amount below zero is no option. What nobody can type, NUL, keeps it from being read as one. */
function maskedAmount(word: string): string {
  return isBelowZero(word) ? `\0${word}` : word;
}

function typedAmount(word: string): string {
  return word.startsWith("\0") ? word.slice(1) : word;
}

/** Whether a word is a number such as `-12.50`, and so no option. */
export function isBelowZero(word: string): boolean {
  return /^-\d+(\.\d+)?$/.test(word);
}

/** The values in capitals; undefined when there are too few words, too many or others. */
function valuesOf(form: Form, typed: readonly string[]): Record<string, string | undefined> | undefined {
  if (typed.length > form.words.length) return undefined;
  const values: Record<string, string | undefined> = {};
  for (const [place, word] of form.words.entries()) {
    const value = typed[place];
    if (word.startsWith("[")) values[word.slice(1, -1)] = value;
    else if (value === undefined) return undefined;
    else if (word === word.toUpperCase()) values[word] = value;
    else if (value !== word) return undefined;
  }
  return values;
}

/** What stands for a word in capitals: what was typed in its place, or as the option of that name. */
export function typedFor(word: string, typed: Readonly<Record<string, unknown>>): string {
  return String(typed[word] ?? typed[word.toLowerCase()]);
}

/** How a command is used: a line for each form that was begun, or for all, with the options that go with each. */
export function usageOf(described: Described, words: readonly string[]): string {
  const common = commonOptions(described).map((option) => `[${option}]`);
  const { name, forms } = described;
  const begun = forms.filter((form) => form.words[0] === words[0]);
  const lines = (begun.length === 0 ? forms : begun).map(({ line }) =>
    ["leadgate", name, line, ...common].filter(Boolean).join(" "),
  );
  return lines.join("\n       ");
}

/** The options that no form claims for itself. */
export function commonOptions({ forms, options }: Described): string[] {
  const owned = new Set(forms.flatMap(({ named }) => named));
  return Object.keys(options).filter((option) => namesIn(option).every((name) => !owned.has(name)));
}

/** The options that go with one of these forms. */
export function optionsFor(described: Described, forms: readonly Form[]): string[] {
  const common = commonOptions(described);
  return Object.keys(described.options).filter(
    (option) =>
      common.includes(option) ||
      namesIn(option).some((name) => forms.some(({ named }) => named.includes(name))),
  );
}
