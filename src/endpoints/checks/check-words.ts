import { RESPONSE_RULE_WORDS } from "#endpoints/answers/response-rule-words.ts";
import type { WordsFor } from "#text/setting-words.ts";
import type { CheckDefinition } from "./check-definition.ts";

/** What operators read about asking others about a lead. */
export const CHECK_WORDS: WordsFor<CheckDefinition> = {
  id: { means: "Its name, on the trace and in check.<id>.<value>.", example: "phone" },
  url: {
    means: "Where it is asked. Placeholders such as {phone|digits} may stand behind the host.",
    example: "https://lookup.example/v1/{phone|digits}",
  },
  method: {
    means: "How it is asked. A GET has no body: all that it says stands in its url and headers.",
    default: "POST",
    example: "GET",
  },
  headers: {
    means:
      "Headers that go with it; values may hold placeholders. Secrets in them are stored sealed and shown as ***.",
    default: {},
    example: { authorization: "Bearer 7f3a9c" },
  },
  template: {
    means: "The body, as JSON, with placeholders.",
    otherwise: "an empty object; nothing where method is GET",
    example: { number: "{phone|e164}" },
  },
  timeout_ms: { means: "How long to wait for its answer.", default: 1000, example: 800 },
  response_rules: {
    means:
      "How its answers are read: the first rule that fits decides. rejected and duplicate refuse the lead.",
    otherwise: "any 2xx lets the lead pass",
    example: [{ when: { json_path: "$.litigator", equals: true }, outcome: "rejected" }],
    within: RESPONSE_RULE_WORDS,
  },
  values: {
    means:
      "Names for what stands in its answer, by JSONPath: check.<id>.<name> in buyers' filters, price rules and templates.",
    default: {},
    example: { line_type: "$.line_type" },
  },
  on_error: {
    means:
      "What becomes of the lead when there is no verdict (no answer in time, a failure, per_day used up): pass, reject, or " +
      "hold it for a person.",
    default: "pass",
    example: "hold",
  },
  per_day: {
    means: "How often it may be asked in a day, by the campaign's clock.",
    otherwise: "as often as there are leads",
    example: 5000,
  },
  cache_days: {
    means: "For how long an answer is given again to the same question.",
    otherwise: "it is asked anew each time",
    example: 30,
  },
};
