import { unknownNames } from "#http/field-errors.ts";
import type { ReplyFieldError } from "#http/reply.ts";
import type { Mapping } from "#text/problem.ts";

const USUAL_SECONDS = 86_400;
const LONGEST_SECONDS = 604_800;

/** How long what is replaced stays good beside what replaces it, out of `{ overlap_seconds? }`: a day when nothing is said. */
export function overlapFrom(body: Mapping): { overlapSeconds: number } | { errors: ReplyFieldError[] } {
  const { overlap_seconds: overlap = USUAL_SECONDS, ...others } = body;
  const errors = unknownNames(others, ["overlap_seconds"]);
  if (!isOverlap(overlap)) {
    const message = `must be a whole number from 0 to ${LONGEST_SECONDS.toLocaleString("en")}`;
    errors.push({ field: "overlap_seconds", code: "out_of_range", message });
  }
  return errors.length > 0 ? { errors } : { overlapSeconds: Number(overlap) };
}

function isOverlap(seconds: unknown): boolean {
  return Number.isInteger(seconds) && Number(seconds) >= 0 && Number(seconds) <= LONGEST_SECONDS;
}
