import type { WordsFor } from "#text/setting-words.ts";
import type { ReaderDefinition } from "./answer-reader.ts";
import type { BidValues } from "./bid-rules.ts";
import type { ConditionDefinition, ResponseRule, ResponseValues } from "./response-rules.ts";

const READER_WORDS: WordsFor<ReaderDefinition> = {
  json_path: {
    means: "Where in a JSON answer it stands.",
    otherwise: "one of json_path, xpath and regex is given",
    example: "$.status",
  },
  xpath: {
    means: "Where in an XML answer it stands.",
    otherwise: "one of json_path, xpath and regex is given",
    example: "/response/status",
  },
  regex: {
    means: "An RE2 pattern, without case or slashes around it: its first group, or all that it matches.",
    otherwise: "one of json_path, xpath and regex is given",
    example: "id=([0-9]+)",
  },
};

const CONDITION_WORDS: WordsFor<ConditionDefinition> = {
  ...READER_WORDS,
  status: {
    means: "The status of the answer: one, a list, or 2xx, 3xx, 4xx, 5xx.",
    otherwise: "any status",
    example: 200,
  },
  equals: {
    means: "What is found must be this, in any case.",
    otherwise: "something must be found",
    example: "sold",
  },
  in: {
    means: "What is found must be one of these, in any case.",
    otherwise: "something must be found",
    example: ["sold", "queued"],
  },
  matches: {
    means:
      "What json_path, xpath or regex finds must match this RE2 pattern. To look through the whole answer, regex alone " +
      "does: { regex: OK }.",
    otherwise: "something must be found",
    example: "^(sold|queued)$",
  },
  exists: {
    means: "Whether something must be found, or nothing.",
    default: true,
    example: false,
  },
};

/** What operators read about the rules by which a buyer's answers are read. */
export const RESPONSE_RULE_WORDS: WordsFor<ResponseRule> = {
  when: {
    means: "What the answer must be: one condition, or a list of which all must hold.",
    example: { json_path: "$.status", equals: "sold" },
    within: CONDITION_WORDS,
  },
  outcome: {
    means: "What such an answer means: accepted, rejected, duplicate, or error (it is tried again).",
    example: "accepted",
  },
};

function valueAt(means: string, example: ReaderDefinition) {
  return { means, otherwise: "it is not looked for", example, within: READER_WORDS };
}

const SAID_WORDS = {
  reference: valueAt("Where the buyer's own reference stands.", { json_path: "$.id" }),
  reason: valueAt("Where it says why not.", { json_path: "$.reason" }),
};

/** What operators read about what is read out of a delivery's answers. */
export const VALUE_WORDS: WordsFor<ResponseValues> = {
  price: valueAt("Where a price stands.", { json_path: "$.price" }),
  ...SAID_WORDS,
};

/** The same of a ping's answer. */
export const BID_VALUE_WORDS: WordsFor<BidValues> = {
  bid_price: valueAt("Where the bid stands.", { json_path: "$.offer.usd" }),
  ...SAID_WORDS,
};
