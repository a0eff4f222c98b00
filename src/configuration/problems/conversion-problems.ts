import { CONVERSION_EVENTS, outcomeEvent, outcomeIn } from "#endpoints/conversion/conversion-event.ts";
import { MAPPED_PARAMETERS } from "#endpoints/conversion/graph-event.ts";
import { nearest } from "#text/did-you-mean.ts";
import { isMapping, joinPath, type Mapping } from "#text/problem.ts";
import { typesOfAll } from "./field-problems.ts";
import { hint, type PlacedEntry, problem } from "./placed-entry.ts";
import type { DocumentProblem } from "./schema-problems.ts";

/** What is wrong with what Meta is told, beyond its schema. `campaigns` are those of the document. */
export function conversionProblems(
  { entry, path }: PlacedEntry,
  campaigns: readonly PlacedEntry[],
): DocumentProblem[] {
  return [
    ...eventProblems(entry.events, joinPath(path, "events")),
    ...mapProblems(entry.map, joinPath(path, "map"), told(entry, campaigns)),
  ];
}

/** The campaigns whose leads are told of; without any named, all. Undefined: one of them is none, which is told elsewhere. */
function told(entry: Mapping, campaigns: readonly PlacedEntry[]): readonly PlacedEntry[] | undefined {
  const { campaigns: named } = entry;
  if (!Array.isArray(named)) return campaigns;
  const found = campaigns.filter((campaign) => named.includes(campaign.entry.id));
  return found.length === new Set(named).size ? found : undefined;
}

/** The form of what suppliers report, as `POST /api/v1/lead-update` takes it. */
const OUTCOME = /^[A-Za-z][A-Za-z0-9 _-]{0,63}$/;
/** The longest name that Meta takes. */
const NAME = /^[\p{L}\p{N}][\p{L}\p{N} _.:/-]{0,49}$/u;

function eventProblems(events: unknown, path: string): DocumentProblem[] {
  if (events === undefined) return [];
  if (!isMapping(events)) {
    const message =
      'must be a mapping of what happens to its name, such as { accepted: Lead, "outcome:sold": Purchase }';
    return [problem(path, "invalid_type", message)];
  }
  const words = Object.keys(events);
  if (words.length === 0) return [problem(path, "too_short", "must not be empty")];
  return words.flatMap((word) => {
    const place = joinPath(path, printable(word));
    const flaw = wordFlaw(word, words);
    const name = events[word];
    return [
      ...(flaw === undefined ? [] : [problem(place, "not_allowed", flaw)]),
      ...(typeof name === "string" && NAME.test(name)
        ? []
        : [
            problem(
              place,
              "invalid_format",
              "must be the name of an event: 1 to 50 letters, digits, blanks, _ . : / or -",
            ),
          ]),
    ];
  });
}

function wordFlaw(word: string, words: readonly string[]): string | undefined {
  const outcome = outcomeIn(word);
  if (outcome === undefined) {
    if (CONVERSION_EVENTS.some((event) => event === word)) return undefined;
    const meant = nearest(word, [...CONVERSION_EVENTS, "outcome:"]);
    return meant === undefined || meant === "outcome:"
      ? `must be one of ${CONVERSION_EVENTS.join(", ")}, or outcome: and what a supplier reports, such as outcome:sold`
      : `is nothing that happens to a lead; did you mean ${meant}?`;
  }
  if (!OUTCOME.test(outcome))
    return "must name what a supplier reports: a letter, then at most 63 letters, digits, blanks, _ or -";
  const same = words.find((other) => outcomeEvent(outcomeIn(other) ?? "") === outcomeEvent(outcome));
  return same === word ? undefined : "is listed twice: outcomes are compared without case";
}

function mapProblems(
  map: unknown,
  path: string,
  campaigns: readonly PlacedEntry[] | undefined,
): DocumentProblem[] {
  if (map === undefined) return [];
  if (!isMapping(map)) {
    const message = "must be a mapping of Meta's parameters to fields, such as { lead_id: meta_lead_id }";
    return [problem(path, "invalid_type", message)];
  }
  const fields = campaigns && typesOfAll(campaigns);
  return Object.entries(map).flatMap(([parameter, field]) => {
    const place = joinPath(path, printable(parameter));
    if (!PARAMETERS.has(parameter)) {
      const message = `is no parameter that a field can be given for${hint(parameter, PARAMETERS) || KNOWN}`;
      return [problem(place, "unknown_field", message)];
    }
    if (typeof field !== "string") return [problem(place, "invalid_type", "must be the name of a field")];
    if (fields === undefined || fields.has(field)) return [];
    return [
      problem(
        place,
        "not_allowed",
        `must be a field of a campaign that it is of${hint(field, fields.keys())}`,
      ),
    ];
  });
}

const PARAMETERS: ReadonlySet<string> = new Set(MAPPED_PARAMETERS);
const KNOWN = `; known are ${MAPPED_PARAMETERS.join(", ")}`;

/** A name out of a document, fit to be shown. */
function printable(name: string): string {
  return name.replace(/[^\x20-\x7e]/g, "?").slice(0, 80);
}
