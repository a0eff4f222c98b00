import { NativeSelect } from "@mantine/core";

/** One word of several, or all. */
export function WordChoice({
  label,
  all,
  words,
  chosen,
  choose,
}: {
  label: string;
  all: string;
  words: readonly (readonly [word: string, says: string])[];
  chosen: string;
  choose(word: string): void;
}) {
  return (
    <NativeSelect
      size="xs"
      aria-label={label}
      value={chosen}
      onChange={(event) => choose(event.currentTarget.value)}
      data={[{ value: "", label: all }, ...words.map(([value, says]) => ({ value, label: says }))]}
    />
  );
}
