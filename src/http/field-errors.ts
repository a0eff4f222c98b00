import type { Mapping } from "#text/problem.ts";
import type { RequestContext } from "./context.ts";
import { fieldsNotValid, type ReplyFieldError } from "./reply.ts";

/** The 400 that names all that is wrong with what an operator sent. */
export function invalid(context: RequestContext, errors: readonly ReplyFieldError[]): Response {
  return context.refuse("validation_failed", fieldsNotValid(errors.length), { field_errors: errors });
}

/** An error for each name that a body has beside the `known` ones. */
export function unknownNames(others: Mapping, known: readonly string[]): ReplyFieldError[] {
  return Object.keys(others).map((name) => unknownName(name, known));
}

export function unknownName(name: string, known: readonly string[]): ReplyFieldError {
  return {
    field: name.slice(0, 64),
    code: "unknown_field",
    message: `is not known; known are ${known.join(", ")}`,
  };
}
