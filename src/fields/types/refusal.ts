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
  /** Said instead of what the field expects, when that isn't what went wrong. */
  readonly because?: "unstorable" | "contradictory";
  /** The bound that was passed, for too_short and too_long. */
  readonly limit?: number;
}

// One frozen object per refusal: nothing is made for a bad value, and `typeof x === "object"` tells it from a stored form.
export const invalidType: ValueRefusal = Object.freeze({ code: "invalid_type" });
export const invalidFormat: ValueRefusal = Object.freeze({ code: "invalid_format" });
export const outOfRange: ValueRefusal = Object.freeze({ code: "out_of_range" });
export const notAllowed: ValueRefusal = Object.freeze({ code: "not_allowed" });
/** It holds NUL or half of a surrogate pair, which Postgres refuses. */
export const unstorable: ValueRefusal = Object.freeze({ code: "invalid_format", because: "unstorable" });
/** It came under several of the field's names, with different values. */
export const contradictory: ValueRefusal = Object.freeze({ code: "not_allowed", because: "contradictory" });
