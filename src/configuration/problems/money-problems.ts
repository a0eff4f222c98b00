import { isPercent } from "#money/amount.ts";
import { isMapping } from "#text/problem.ts";
import { type PlacedEntry, problem } from "./placed-entry.ts";
import type { DocumentProblem } from "./schema-problems.ts";

/** What a buyer used and owes is counted in one figure, so all its campaigns must be in one currency. */
export function currencyProblems(
  { entry, path }: PlacedEntry,
  campaigns: readonly PlacedEntry[],
): DocumentProblem[] {
  const currencies = new Set(campaigns.map((campaign) => campaign.entry.currency ?? "USD"));
  if (currencies.size < 2) return [];
  const message = "must not watch money: the buyer's campaigns are in different currencies";
  const capped = isMapping(entry.caps)
    ? Object.entries(entry.caps).filter(([, cap]) => isMapping(cap) && cap.amount !== undefined)
    : [];
  const watched = capped.map(([period]) => problem(`${path}.caps.${period}.amount`, "not_allowed", message));
  const billed =
    isMapping(entry.billing) && entry.billing.mode !== undefined && entry.billing.mode !== "manual";
  return billed ? [...watched, problem(`${path}.billing.mode`, "not_allowed", message)] : watched;
}

export function percentProblems({ entry, path }: PlacedEntry, name: "payout" | "margin"): DocumentProblem[] {
  const said = entry[name];
  if (!isMapping(said) || typeof said.percent !== "number") return [];
  const { percent } = said;
  if (isPercent(percent) || percent < 0 || percent > 100) return [];
  return [problem(`${path}.${name}.percent`, "invalid_format", "must have at most 4 decimals")];
}
