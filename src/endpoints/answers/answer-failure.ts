/** Why an answer that came whole is no success. A buyer that refuses a lead is no failure: see `response-rules.ts`. */
export type AnswerFailure =
  /** An answer that is no success, and that no rule of the buyer's explains. */
  | { readonly kind: "http_status"; readonly status: number }
  /** A rule of the buyer's says that this answer is an error. */
  | { readonly kind: "error_by_rule"; readonly status: number }
  /** A 2xx answer that none of the buyer's rules knows: it may have taken the lead, or not. */
  | { readonly kind: "no_rule_matched"; readonly status: number };
