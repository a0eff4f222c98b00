/**
 * What can happen to a lead that Meta is told of: the words of `events` in the document. `outcome:` is followed by what a supplier reports
 * of the lead.
 */
export const CONVERSION_EVENTS = ["accepted", "refused", "returned"] as const;
export type ConversionEvent = (typeof CONVERSION_EVENTS)[number];

/** The events of deliveries to Meta. */
export const CONVERSION_DELIVERIES = [
  "conversion.accepted",
  "conversion.refused",
  "conversion.returned",
  "conversion.outcome",
] as const;

const OUTCOME = "outcome:";

/** The word for what a supplier reported; what it calls it is compared without case. */
export function outcomeEvent(outcome: string): string {
  return OUTCOME + outcome.toLowerCase();
}

/** The outcome that such a word names, as it is written; undefined when it is another word. */
export function outcomeIn(event: string): string | undefined {
  return event.startsWith(OUTCOME) ? event.slice(OUTCOME.length) : undefined;
}
