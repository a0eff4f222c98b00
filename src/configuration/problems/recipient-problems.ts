import { checkProblems } from "#endpoints/checks/check-problems.ts";
import { deliveryProblems, plainHeaderProblems } from "#endpoints/delivery-problems.ts";
import type { ValueKind } from "#endpoints/message/formats.ts";
import type { FieldKinds } from "#endpoints/message/variables.ts";
import { hashedFields } from "#fields/system.ts";
import type { FieldDefinition } from "#fields/types/definition.ts";
import { checkValueName } from "#text/checked-name.ts";
import { isMapping, joinPath } from "#text/problem.ts";
import { typesOfAll } from "./field-problems.ts";
import { entriesOf, foundWithin, type PlacedEntry, problem } from "./placed-entry.ts";
import { repetitionProblems } from "./reference-problems.ts";
import type { DocumentProblem } from "./schema-problems.ts";

/** What the buyer is sent may name any field of any of its campaigns: a lead without it leaves its place empty. */
export function buyerDeliveryProblems(
  { entry, path }: PlacedEntry,
  campaigns: readonly PlacedEntry[],
): DocumentProblem[] {
  const known = typesOfAll(campaigns);
  const told: FieldKinds | undefined =
    known && new Map<string, readonly ValueKind[]>([...known, ...checkedNamesOf(campaigns)]);
  const pinged = known && new Map([...known, ...hashedFields.map(({ name }) => [name, ["text"]] as const)]);
  const place = joinPath(path, "delivery");
  return [
    ...deliveryProblems(entry.delivery, told, pinged).map((found) => foundWithin(place, found)),
    ...repeatedEvents(entry.delivery, place),
  ];
}

/** What checks of these campaigns find: a lead of a campaign without them leaves its place empty. */
function checkedNamesOf(campaigns: readonly PlacedEntry[]): [string, readonly ValueKind[]][] {
  return campaigns
    .flatMap(({ entry, path }) => checkedNames(entriesOf(entry, "checks", path)))
    .map((name) => [name, ["any"]]);
}

/** What checks find, as filters and templates call it. */
export function checkedNames(checks: readonly PlacedEntry[]): string[] {
  return checks.flatMap(({ entry: { id, values } }) =>
    typeof id === "string" && isMapping(values)
      ? Object.keys(values).map((value) => checkValueName(id, value))
      : [],
  );
}

/** Of a campaign's checks, but for their `when`. */
export function campaignCheckProblems(
  checks: readonly PlacedEntry[],
  fields: readonly FieldDefinition[] | null,
): DocumentProblem[] {
  const kinds = fields === null ? undefined : new Map(fields.map(({ name, type }) => [name, [type]]));
  return checks.flatMap(({ entry, path }, index) => {
    const isTaken = checks.slice(0, index).some((earlier) => earlier.entry.id === entry.id);
    return [
      ...(isTaken ? [problem(joinPath(path, "id"), "not_allowed", "is the id of another check too")] : []),
      ...checkProblems(entry, kinds).map((found) => foundWithin(path, found)),
    ];
  });
}

export function operatorWebhookProblems({ entry, path }: PlacedEntry): DocumentProblem[] {
  const headers = entry.headers === undefined ? [] : plainHeaderProblems(entry.headers);
  return [...headers.map((found) => foundWithin(path, found)), ...repeatedEvents(entry, path)];
}

/** Of whom the server tells by e-mail. */
export function alertsProblems(alerts: unknown): DocumentProblem[] {
  if (!isMapping(alerts)) return [];
  return ["email", "events"].flatMap((name) => repetitionProblems({ entry: alerts, path: "alerts" }, name));
}

function repeatedEvents(subscriber: unknown, path: string): DocumentProblem[] {
  return isMapping(subscriber) ? repetitionProblems({ entry: subscriber, path }, "events") : [];
}
