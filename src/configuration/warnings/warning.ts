import type { Amount } from "#money/amount.ts";

/**
 * What a document that can be applied is surely not meant to say, by code. The manual lists them; a warning's own message is about its
 * place.
 */
export const WARNINGS = {
  filter_never_passes: "a filter that no lead can pass",
  value_never_sent:
    "a value in a filter that its field never has: a state that is none, a phone without its country",
  filter_always_passes: "a filter that turns no lead away",
  no_state_left: "states of which exclude_states, or the campaign's filters, leave none",
  never_reached:
    "a price rule behind others that take all its leads, a response rule behind one that takes all its answers",
  no_buyer_fits: "a supplier whose leads no buyer can take",
  cap_of_zero: "a cap of no leads or no money",
  cap_below_price: "a cap of less money than one lead costs",
  payout_above_prices: "a payout that no price covers",
  sold_at_loss: "a price below a supplier's payout, where allow_loss does not say that it is meant",
  margin_never_reached: "a margin that no price leaves, so that nothing is sold",
  price_never_enough: "a price that leaves no margin over any payout, so that the buyer gets nothing",
  no_margin: "a supplier that is paid all that buyers pay, since no margin is written",
  no_payout: "a supplier that is paid nothing, since no payout is written",
  below_min_price: "a buyer whose prices are all under min_price",
  no_price: "a buyer that pays nothing, since no price is written",
  percent_below_one: "a percentage under one: 0.6 is not sixty percent",
  same_priority: "a campaign by priority in which all buyers have the same",
  weight_not_said: "a buyer without a weight beside others that have one",
  same_weight: "a weighted campaign in which no buyer has a weight",
  without_effect: "a setting that does nothing where it stands",
  refusal_to_nobody: "leads that go to the next buyer when they are refused, within no minutes",
  no_supplier: "a campaign that nobody may send leads to",
  no_buyer: "a campaign that nobody buys from",
  not_linked: "a supplier or buyer that is in no campaign, or what is of archived ones alone",
  list_not_used: "a suppression list that nothing names",
  list_empty: "a suppression list that is named, and that nobody is on",
  no_delivery: "a buyer that is sent nothing",
  lead_not_told: "a template that names no field, so that the buyer learns nothing of the lead",
  address_refused: "an address that the server refuses to dial",
  address_of_nobody:
    "an address such as sunco.example, which is kept for examples, or one in which something is to be filled in",
  address_in_clear: "an address with http, by which leads can be read on the way",
  mail_not_set_up: "delivery, a report, alerts or links to a portal by e-mail, while SMTP_URL is not set",
  rules_never_accept: "response rules of which none is a yes",
  refusal_not_settled:
    "response rules that know a no, where neither confirm nor on_refusal says what becomes of the sale",
  test_not_marked: "a template that does not say is_test, where test leads are sent",
  ping_above_budget: "a live bid that may take longer than all bids together",
  check_above_budget: "a check that may take longer than all checks together",
  no_token: "a conversion without an access token",
  conversion_incomplete: "a conversion of action_source: website without what Meta asks for then",
  wallet_empty: "a wallet with less in it than a lead costs, or a credit of less",
  always_low: "a low_balance above the credit",
  zone_without_summer_time: "a time zone that has no summer time, such as EST",
  zone_not_said: "opening times or days of caps by UTC, since no time zone is written",
  currency_not_said: "prices in USD in another country than the US, since no currency is written",
  duplicates_of_strangers: "duplicates by what people who are strangers share, such as a state or a ZIP code",
  all_tests: "a campaign whose suppliers are all in test_mode, so that nothing is billed",
  told_twice: "two webhooks that are told the same at one address",
  drops_leads: "records_days that drops months of leads which are on record now",
  page_public: "a campaign whose page is public, since docs is not written",
} as const;
export type WarningCode = keyof typeof WARNINGS;

/** One thing that is surely not meant, and where: `campaigns[solar].buyers[sunco].price`. The message ends a sentence about it. */
export interface Warning {
  readonly path: string;
  readonly code: WarningCode;
  readonly message: string;
}

/** What the document alone cannot tell. */
export interface Surroundings {
  /** Whether e-mail can be sent. */
  mailIsSetUp: boolean;
  /** Whether what is sent to an address would be refused, as far as the address itself tells. */
  isRefused(url: string): boolean;
  /** Where the last month of leads ends that is over for the document's records_days, ISO 8601; null: none is. */
  dropsBefore: string | null;
  /** Of the lists in the document, those that nobody is on. */
  emptyLists: ReadonlySet<string>;
  /** Of the conversions in the document, those that have no access token. */
  withoutToken: ReadonlySet<string>;
  /** What buyers with a wallet may spend, by id. */
  balances: ReadonlyMap<string, Amount>;
}

export function warning(path: string, code: WarningCode, message: string): Warning {
  return { path, code, message };
}
