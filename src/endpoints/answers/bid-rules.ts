import { type Amount, isOfDollars, parseAmount } from "#money/amount.ts";
import type { AnswerFailure } from "./answer-failure.ts";
import { type OpenedAnswer, openAnswer, type ReaderDefinition, type RuledAnswer } from "./answer-reader.ts";
import { compileJudgement, compileValue, type ResponseRule, shortText } from "./response-rules.ts";

/** Where the answer to a ping tells what is bid, the buyer's reference for its bid, and why it does not bid. */
export interface BidValues {
  bid_price?: ReaderDefinition;
  reference?: ReaderDefinition;
  reason?: ReaderDefinition;
}

/** The meaning of a buyer's answer to a ping. */
export type BidReading =
  | {
      readonly kind: "bid";
      /** Null: the buyer would take the lead, and named no price. */
      readonly price: Amount | null;
      /** At most 200 characters, in one line. */
      readonly reference: string | null;
    }
  /** In the buyer's own words, as the reference is; null: it did not say. */
  | { readonly kind: "refused"; readonly why: "rejected" | "duplicate"; readonly reason: string | null }
  | { readonly kind: "bad_price" }
  | { readonly kind: "error"; readonly failure: AnswerFailure };

/** The most that may be bid for a lead, in ten-thousandths: 1,000,000. What is more is a mistake. */
const HIGHEST_BID = 10_000_000_000;

/**
 * Makes of a ping's rules the function that reads an answer, which never throws. With rules it is they that say what a yes is, and a
 * yes without a price is one at the price of the contract. Without rules, a 2xx answer is a bid if it names a price. A bid of 0 is
 * how many buyers say no. A price is exact, with at most four decimals, and is not rounded: fixed prices aren't either. It is in the
 * campaign's currency.
 * Throws a RangeError for rules that `responseRuleProblems` or `responseValueProblems` find fault with.
 */
export function compileBidRules(
  rules: readonly ResponseRule[],
  values: BidValues,
): (answer: RuledAnswer, currency: string) => BidReading {
  const judge = compileJudgement(rules);
  const findPrice = compileValue(values.bid_price);
  const findReference = compileValue(values.reference);
  const findReason = compileValue(values.reason);
  return (given, currency) => {
    const answer = openAnswer(given);
    const judgement = judge(answer);
    switch (judgement.outcome) {
      case "rejected":
      case "duplicate":
        return refused(judgement.outcome, answer);
      case "error":
        return { kind: "error", failure: judgement.failure };
      case "accepted":
        return acceptedAt(findPrice(answer), answer, currency);
    }
  };

  function refused(why: "rejected" | "duplicate", answer: OpenedAnswer): BidReading {
    return { kind: "refused", why, reason: shortText(findReason(answer)) || null };
  }

  function acceptedAt(text: string | undefined, answer: OpenedAnswer, currency: string): BidReading {
    const reference = shortText(findReference(answer)) || null;
    if (text === undefined && rules.length > 0) return { kind: "bid", price: null, reference };
    if (text === undefined) {
      return { kind: "error", failure: { kind: "no_rule_matched", status: answer.status } };
    }
    const price = bidFrom(text, currency);
    if (price === 0) return refused("rejected", answer);
    if (price === undefined || price > HIGHEST_BID) return { kind: "bad_price" };
    return { kind: "bid", price, reference };
  }
}

/** A sign before the digits, as many noughts behind four decimals as one likes, and none before the point. */
const BID = /^(?<sign>\$\s?)?(?<whole>\d{0,9}|\d{1,3}(?:,\d{3}){1,2})(?:\.(?<decimals>\d{0,4}?)0*)?$/;

/**
 * An exact amount as buyers write it: `12.50000`, `.50`, and in a currency of dollars `$12.00` and `$1,200.00`. A comma alone could part
 * cents as well, so that it needs the sign or a point behind it. Undefined for anything else.
 */
export function bidFrom(text: string, currency: string): Amount | undefined {
  const { sign, whole = "", decimals } = BID.exec(text)?.groups ?? {};
  if (whole === "" && !decimals) return undefined;
  if (sign !== undefined && !isOfDollars(currency)) return undefined;
  if (whole.includes(",") && sign === undefined && decimals === undefined) return undefined;
  return parseAmount(`${whole.replaceAll(",", "") || "0"}${decimals ? `.${decimals}` : ""}`);
}
