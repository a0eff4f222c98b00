import type { WordsFor } from "#text/setting-words.ts";
import type { FilterDefinition } from "./filter-definition.ts";
import type { ScheduleDefinition } from "./schedule.ts";

/** What operators read about opening times. */
export const SCHEDULE_WORDS: WordsFor<ScheduleDefinition> = {
  mon: day("Mondays"),
  tue: day("Tuesdays"),
  wed: day("Wednesdays"),
  thu: day("Thursdays"),
  fri: day("Fridays"),
  sat: day("Saturdays"),
  sun: day("Sundays"),
};

function day(name: string) {
  return {
    means: `Opening times on ${name}. A window that ends before it starts runs past midnight; the whole day is "00:00-24:00".`,
    otherwise: "closed all day",
    example: ["09:00-12:00", "13:00-17:00"],
  };
}

/** What operators read about filters: one rule, or rules joined by `all`, `any` and `not`. */
export const FILTER_WORDS: WordsFor<FilterDefinition> = {
  all: {
    means: "Passes when each of these rules does.",
    otherwise: "a filter is one rule, or one of all, any, not",
    example: [{ field: "roof_age", op: "gte", value: 5 }],
  },
  any: {
    means: "Passes when one of these rules does.",
    otherwise: "a filter is one rule, or one of all, any, not",
    example: [
      { field: "zip_code", op: "starts_with", value: "787" },
      { field: "source", op: "is_empty" },
    ],
  },
  not: {
    means: "Passes when this rule does not.",
    otherwise: "a filter is one rule, or one of all, any, not",
    example: { field: "source", op: "contains", value: "test" },
  },
  field: { means: "Of one rule: the field of the lead that is looked at.", example: "roof_age" },
  op: {
    means:
      "Of one rule: how the field is compared. Text compares without case. A lead without the field passes is_empty, ne, " +
      "not_in and not_contains, and no other.",
    example: "gte",
  },
  value: {
    means:
      "Of one rule: what the field is compared with: one value; a list for in and not_in; two for between; days for " +
      "within_days and older_than_days.",
    otherwise: "nothing, as is_empty and is_not_empty have it",
    example: 5,
  },
  outcome: {
    means:
      "Of the filters of a campaign or a supplier: hold puts a lead that fails aside for a person, as HELD, instead of refusing it. " +
      "It stands at the top, or on what stands in an all there.",
    otherwise: "reject",
    example: "hold",
  },
  schedule: {
    means:
      "Of one rule: when it counts, by the campaign's time zone. Outside it is as if it were not written.",
    otherwise: "always",
    example: { sat: ["00:00-24:00"] },
    within: SCHEDULE_WORDS,
  },
};
