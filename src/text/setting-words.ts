/**
 * What an operator reads about a setting of the configuration document. The settings of each mapping have a table of such words beside
 * their schema; the compiler asks for a line for each of them, and `tests/configuration/reference.test.ts` for the rest.
 */
export interface SettingWords<Value = unknown> {
  /** What it does, in a sentence or two. */
  readonly means: string;
  /** The value that holds where it is left out. Neither this nor `otherwise`: it must be there. */
  readonly default?: Value | null;
  /** What holds where it is left out, in words, where that is no single value: "no cap". */
  readonly otherwise?: string;
  /** A value that could stand there. */
  readonly example: Value;
  /** Of a mapping, a list of mappings or a choice of mappings: the words of the settings within. */
  readonly within?: TableOfWords;
}

/** Words by the names of settings. */
export type TableOfWords = { readonly [Name in string]?: SettingWords };

/** A line for each setting that these mappings have. */
export type WordsFor<Entry> = {
  readonly [Name in NameIn<Entry>]: SettingWords<ValueAt<Entry, Name>>;
};

type NameIn<Entry> = Entry extends unknown ? keyof Entry & string : never;

type ValueAt<Entry, Name extends string> = Entry extends unknown
  ? Name extends keyof Entry
    ? NonNullable<Entry[Name]>
    : never
  : never;
