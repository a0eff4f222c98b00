import { isMapping, type Mapping } from "#text/problem.ts";
import type { RejectedRow } from "./rows.ts";
import type { AnsweredRow } from "./send.ts";

/** What became of the rows so far. */
export interface ImportCounts {
  rows: number;
  accepted: number;
  unmatched: number;
  duplicates: number;
  /** Put aside for a person. */
  held: number;
  /** Taken in earlier, by this import or one before it. */
  repeated: number;
  refused: number;
  /** Those of the refused that were not decided anew. */
  refusedBefore: number;
  /** By the clock that never runs backwards, in ms. */
  startedAt: number;
}

export function startImportCounts(): ImportCounts {
  return {
    rows: 0,
    accepted: 0,
    unmatched: 0,
    duplicates: 0,
    held: 0,
    repeated: 0,
    refused: 0,
    refusedBefore: 0,
    startedAt: performance.now(),
  };
}

/** Counts a row; why it was refused, if it was. */
export function rejectionOf(ended: AnsweredRow | RejectedRow, tally: ImportCounts): RejectedRow | undefined {
  tally.rows += 1;
  if (!("answer" in ended)) {
    tally.refused += 1;
    return ended;
  }
  const { row, cells, answer } = ended;
  const isBefore = answer.idempotent_replayed === true;
  if (Number(answer.http_status) >= 400) {
    tally.refused += 1;
    if (isBefore) tally.refusedBefore += 1;
    return { row, cells, reason: whyRefused(answer) };
  }
  const status = isMapping(answer.data) ? answer.data.status : undefined;
  if (isBefore) tally.repeated += 1;
  else if (status === "ACCEPTED") tally.accepted += 1;
  else if (status === "DUPLICATE") tally.duplicates += 1;
  else if (status === "HELD") tally.held += 1;
  else tally.unmatched += 1;
  return undefined;
}

/** Why the server refused a row, in a line. */
function whyRefused({ error, message, field_errors: fields, filter_errors: filters }: Mapping): string {
  const ofFields = sentencesIn(fields, ({ field, message: said }) => `${String(field)}: ${String(said)}`);
  if (ofFields !== "") return ofFields;
  const ofFilters = sentencesIn(filters, ({ message: said }) => String(said));
  return ofFilters === "" ? String(message) : `${String(error)}: ${ofFilters}`;
}

function sentencesIn(errors: unknown, sentence: (error: Mapping) => string): string {
  return Array.isArray(errors) ? errors.filter(isMapping).map(sentence).join("; ") : "";
}

/** The counts that are not zero, and how fast it went. */
export function describeTally(tally: ImportCounts): string {
  const { rows, accepted, unmatched, duplicates, held, repeated, refused, startedAt } = tally;
  const parts: [number, string][] = [
    [accepted, "accepted"],
    [unmatched, "unmatched"],
    [duplicates, "duplicates"],
    [held, "held"],
    [repeated, "imported before"],
    [refused, "refused"],
  ];
  const said = parts
    .filter(([number]) => number > 0)
    .map(([number, what]) => `${shownCount(number)} ${what}`);
  const perSecond = (rows * 1000) / Math.max(1, performance.now() - startedAt);
  return [`${shownCount(rows)} rows, ${shownCount(perSecond)} a second`, ...said].join(", ");
}

export function shownCount(number: number): string {
  return Math.round(number).toLocaleString("en-US");
}
