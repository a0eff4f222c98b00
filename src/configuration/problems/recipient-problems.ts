import { deliveryProblems, plainHeaderProblems } from "#endpoints/delivery-problems.ts";
import { hashedFields } from "#fields/system.ts";
import { isMapping, joinPath, type Problem } from "#text/problem.ts";
import { typesOfAll } from "./field-problems.ts";
import { foundWithin, type PlacedEntry } from "./placed-entry.ts";
import type { DocumentProblem } from "./schema-problems.ts";

/** What the buyer is sent may name any field of any of its campaigns: a lead without it leaves its place empty. */
export function buyerDeliveryProblems(
  { entry, path }: PlacedEntry,
  campaigns: readonly PlacedEntry[],
): DocumentProblem[] {
  const known = typesOfAll(campaigns);
  const pinged = known && new Map([...known, ...hashedFields.map(({ name }) => [name, ["text"]] as const)]);
  return [...deliveryProblems(entry.delivery, known, pinged), ...repeatedEvents(entry.delivery)].map(
    (found) => foundWithin(joinPath(path, "delivery"), found),
  );
}

export function operatorWebhookProblems({ entry, path }: PlacedEntry): DocumentProblem[] {
  const headers = entry.headers === undefined ? [] : plainHeaderProblems(entry.headers);
  return [...headers, ...repeatedEvents(entry)].map((found) => foundWithin(path, found));
}

/** Of whom the server tells by e-mail. */
export function alertsProblems(alerts: unknown): DocumentProblem[] {
  return repeatedEvents(alerts).map((found) => foundWithin("alerts", found));
}

function repeatedEvents(subscriber: unknown): Problem[] {
  if (!isMapping(subscriber) || !Array.isArray(subscriber.events)) return [];
  const { events } = subscriber;
  return events.flatMap((event: unknown, index) =>
    events.indexOf(event) < index ? [{ path: joinPath("events", index), message: "is listed twice" }] : [],
  );
}
