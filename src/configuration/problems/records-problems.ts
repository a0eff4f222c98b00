import { isMapping, type Mapping } from "#text/problem.ts";
import { entriesOf, type PlacedEntry, problem } from "./placed-entry.ts";
import type { DocumentProblem } from "./schema-problems.ts";

/** Where a lead is compared with others, or may be given back, for longer than it stays on record. */
export function recordsProblems(
  recordsDays: unknown,
  buyers: readonly PlacedEntry[],
  campaigns: readonly PlacedEntry[],
): DocumentProblem[] {
  if (typeof recordsDays !== "number") return [];
  const contracts = campaigns.flatMap(({ entry, path }) => entriesOf(entry, "buyers", path));
  const windows = [
    ...[...campaigns, ...buyers].flatMap((each) => windowOf(each, "duplicates")),
    ...[...buyers, ...contracts].flatMap((each) => windowOf(each, "returns")),
  ];
  return windows
    .filter(({ days }) => days > recordsDays)
    .map(({ path }) =>
      problem(path, "out_of_range", `must not be above records_days, which is ${recordsDays}`),
    );
}

function windowOf(
  { entry, path }: PlacedEntry,
  name: "duplicates" | "returns",
): { path: string; days: number }[] {
  const days = windowDaysIn(entry[name]);
  return days === undefined ? [] : [{ path: `${path}.${name}.window_days`, days }];
}

function windowDaysIn(said: Mapping[string]): number | undefined {
  return isMapping(said) && typeof said.window_days === "number" ? said.window_days : undefined;
}
