import { Select } from "@mantine/core";

interface Choice {
  label: string;
  words: readonly string[];
  picked: string | undefined;
  /** Undefined: none. */
  pick(word: string | undefined): void;
  /** In px. */
  width?: number;
  isSearchable?: boolean;
}

/** A filter of a list: one word of several, or none. */
export function Pick({ label, words, picked, pick, width = 170, isSearchable = true }: Choice) {
  return (
    <Select
      aria-label={label}
      placeholder={label}
      data={[...words]}
      value={picked ?? null}
      onChange={(word) => pick(word ?? undefined)}
      clearable
      searchable={isSearchable}
      w={width}
    />
  );
}
