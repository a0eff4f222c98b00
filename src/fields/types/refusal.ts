export type FieldErrorCode =
  | "required"
  | "invalid_type"
  | "invalid_format"
  | "too_short"
  | "too_long"
  | "out_of_range"
  | "not_allowed"
  | "unknown_field";

/** Why one field of one lead was refused. The message never holds what was submitted. */
export interface FieldError {
  readonly field: string;
  readonly code: FieldErrorCode;
  readonly message: string;
}

/** A value that could not be understood, or that its schema refuses. */
export interface ValueRefusal {
  readonly code: FieldErrorCode;
  /** The end of the sentence, said instead of what the field expects when that isn't what went wrong. */
  readonly says?: string;
  /** The bound that was passed, for too_short and too_long. */
  readonly limit?: number;
}

// One frozen object per refusal: nothing is made for a bad value, and `typeof x === "object"` tells it from a stored form.
export const invalidType: ValueRefusal = Object.freeze({ code: "invalid_type" });
export const invalidFormat: ValueRefusal = Object.freeze({ code: "invalid_format" });
export const outOfRange: ValueRefusal = Object.freeze({ code: "out_of_range" });
export const notAllowed: ValueRefusal = Object.freeze({ code: "not_allowed" });
/** It holds NUL or half of a surrogate pair, which Postgres refuses. */
export const unstorable = refusal("invalid_format", "contains characters that cannot be stored");
/** It came under several of the field's names, with different values. */
export const contradictory = refusal("not_allowed", "came under several names with different values");
/** It is a list, or came several times, with different values. */
export const several = refusal("not_allowed", "came with several different values");
/** A number with currency signs, or with separators that part thousands in one country and cents in another. */
export const marked = refusal(
  "invalid_type",
  "must be written as a plain number such as 1200.50, without currency signs, blanks and commas",
);
/** A number larger than JavaScript and JSON keep, or a whole one larger than they keep exactly. */
export const tooLarge = refusal("out_of_range", "is larger than a number can be");
/** `+` and ten digits that may be a number of North America without its 1, or one of the country that they begin with. */
export const ambiguousPhone = refusal(
  "invalid_format",
  "could be of two countries: with + it must begin with its country code, as in +1 and ten digits",
);

function refusal(code: FieldErrorCode, says: string): ValueRefusal {
  return Object.freeze({ code, says });
}
