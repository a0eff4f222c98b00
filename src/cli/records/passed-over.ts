import type { PassedOver, ReachedCap } from "#leads/trace.ts";
import type { Mapping } from "#text/problem.ts";

type ReasonWords = {
  [Reason in PassedOver["reason"]]: (line: Extract<PassedOver, { reason: Reason }>) => string;
};

/** Why a buyer was passed over, as the end of a sentence about it. */
const PASSED_OVER_WORDS: ReasonWords = {
  contract_paused: () => "its contract is paused",
  buyer_paused: () => "it is paused",
  overdue: () => "an invoice of its is overdue",
  refused_lead: () => "it had the lead before, and did not take it",
  has_lead: () => "it has the lead already",
  sold_to_others: () => "it takes a lead alone, and others have this one",
  no_time_to_ask: () => "the time for asking it was over",
  endpoint_down: () => "its endpoint is down or paused",
  outside_schedule: () => "it was closed by its schedule",
  state_not_listed: () => "the lead's state is not among its states",
  state_excluded: () => "it excludes the lead's state",
  filtered: ({ rules }) => `its filters turn the lead away: ${rules.join("; ")}`,
  suppressed: ({ list }) => `the person is on its suppression list ${list}`,
  buyer_duplicate: ({ of }) => `it has had this person before, in ${of}`,
  contract_cap: ({ cap }) => `the cap of its contract is reached, ${capWords(cap)}`,
  buyer_cap: ({ cap }) => `its cap is reached, ${capWords(cap)}`,
  supplier_cap: ({ cap }) => `the supplier's cap is reached, ${capWords(cap)}`,
  insufficient_funds: () => "its balance does not cover the price",
  no_bid: ({ why }) => (why === undefined ? "it made no bid" : `it made no bid: ${why.replaceAll("_", " ")}`),
  below_min_price: () => "its price is below the campaign's least",
  below_payout: () => "its price leaves too little over the payout",
  outranked: () => "another's turn came first",
  not_the_original_buyer: () => "the lead goes to its original buyer or to nobody",
  no_original_buyer: () => "the lead repeats one that nobody bought",
  no_contract: () => "it has no contract any more",
};

function capWords({ period, unit }: ReachedCap): string {
  const what = unit === "leads" ? "leads" : "money";
  return period === "total" ? `${what} in all` : `${what} a ${period}`;
}

/** The same for a line as an API tells it. A word of a later version stays as it is. */
export function whyPassedOver(line: Mapping): string {
  const reason = String(line.reason);
  const words: ((line: never) => string) | undefined = Object.hasOwn(PASSED_OVER_WORDS, reason)
    ? PASSED_OVER_WORDS[reason as keyof ReasonWords]
    : undefined;
  return words === undefined ? reason.replaceAll("_", " ") : words(line as never);
}
