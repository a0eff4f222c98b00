import type { AtTheDoor, Finding } from "./check.ts";
import { readLead } from "./lead.ts";
import type { TurnedAway } from "./outcome.ts";

/** Does the body satisfy the campaign's field mapping? */
export function validate({ lead, campaign }: AtTheDoor): Finding<TurnedAway> {
  const { errors } = readLead(lead, campaign);
  if (errors.length === 0) return { line: { check: "fields", result: "passed" } };
  return { line: { check: "fields", result: "ended" }, ending: { kind: "invalid", errors } };
}
