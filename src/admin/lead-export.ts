import type { Database } from "#database/database.ts";
import type { Listing } from "#http/listing.ts";
import { type ListQuery, readSettings } from "#http/query.ts";
import { errorReply, requestIdOf } from "#http/reply.ts";
import { streamReply } from "#http/stream.ts";
import { type LeadFields, readFieldsOf } from "#leads/lead-fields-records.ts";
import type { RecordedLead } from "#leads/lead-records.ts";
import { csvLine } from "#text/csv.ts";
import { leadRow } from "./lead-row.ts";
import type { AdminContext } from "./operator.ts";

/** Leads as a file: all that a query finds, and not a page of them. */

type Format = (typeof FORMATS)[number];
const FORMATS = ["csv", "ndjson"] as const;

const MEDIA_TYPE: Record<Format, string> = {
  csv: "text/csv; charset=utf-8",
  ndjson: "application/x-ndjson; charset=utf-8",
};

/** Leads in memory at once. */
const AT_ONCE = 500;

interface Found {
  lead: RecordedLead;
  fields: LeadFields;
}

/** The format that a request names, by `format` or by its Accept header, known or not; undefined: a page in JSON. */
export function exportFormatOf(request: Request): string | undefined {
  const named = new URL(request.url).searchParams.get("format");
  if (named !== null) return named;
  const accepted = (request.headers.get("accept") ?? "").toLowerCase();
  if (accepted.includes("application/json")) return undefined;
  if (accepted.includes("text/csv")) return "csv";
  return /application\/(x-)?ndjson/.test(accepted) ? "ndjson" : undefined;
}

/** The leads of a query, the newest first, as they are read. Those that come meanwhile are not among them. */
export function exportLeads<Filter>(
  request: Request,
  named: string,
  listing: Listing<Filter, RecordedLead>,
  { database, stopping }: Pick<AdminContext, "database" | "stopping">,
): Response {
  const query = readSettings(request.url, [...listing.settings, "format", "fields"]);
  const filter = listing.filterFrom(query);
  const wanted = fieldsWanted(query);
  const format = FORMATS.find((each) => each === named);
  if (format === undefined) {
    query.errors.push({ field: "format", code: "invalid_format", message: `must be ${FORMATS.join(", ")}` });
  }
  if (format === undefined || query.errors.length > 0) {
    const details = { field_errors: query.errors };
    return errorReply("validation_failed", "The query is not valid.", requestIdOf(request), details);
  }
  const pages = () => pagesOf(filter, listing, database);
  return streamReply(request, {
    texts: () => (format === "csv" ? csvOf(pages(), wanted) : ndjsonOf(pages(), wanted)),
    stopping,
    whenStopped: "break",
    headers: {
      "content-type": MEDIA_TYPE[format],
      "content-disposition": `attachment; filename="leads.${format}"`,
    },
  });
}

const MOST_FIELDS = 200;

/** `fields=zip_code,roof_age`: those alone, each in a column of its own; null: all of them. */
function fieldsWanted(query: ListQuery): string[] | null {
  const expected = `names of fields with commas between, at most ${MOST_FIELDS}`;
  return query.parsed("fields", namesIn, expected);
}

function namesIn(text: string): string[] | undefined {
  const names = [...new Set(text.split(",").map((name) => name.trim()))];
  const areNames = names.every((name) => /^[\p{L}\p{N}_.-]{1,64}$/u.test(name));
  return areNames && names.length <= MOST_FIELDS ? names : undefined;
}

async function* pagesOf<Filter>(
  filter: Filter,
  { read }: Listing<Filter, RecordedLead>,
  database: Database,
): AsyncGenerator<Found[]> {
  let before: string | null = null;
  do {
    const last: string | null = before;
    const page = await database.read(async (db) => {
      const leads = await read(db, filter, last, AT_ONCE);
      const ids = leads.map(({ id }) => id);
      const fields = ids.length === 0 ? undefined : await readFieldsOf(db, ids);
      return leads.map((lead): Found => ({ lead, fields: fields?.get(lead.id) ?? {} }));
    });
    yield page;
    before = page.length < AT_ONCE ? null : (page.at(-1)?.lead.id ?? null);
  } while (before !== null);
}

async function* csvOf(
  pages: AsyncIterable<readonly Found[]>,
  wanted: readonly string[] | null,
): AsyncGenerator<string> {
  // A field may have the name of a column.
  const names = wanted?.map((name) => (COLUMNS.includes(name) ? `fields.${name}` : name));
  yield csvLine([...COLUMNS, ...(names ?? ["fields"])]);
  for await (const page of pages) {
    const lines = page.map(({ lead, fields }) => {
      const ofFields = wanted?.map((name) => cellOf(valueOf(fields, name))) ?? [JSON.stringify(fields)];
      return csvLine([...Object.values(leadColumns(lead)), ...ofFields]);
    });
    if (lines.length > 0) yield lines.join("");
  }
}

async function* ndjsonOf(
  pages: AsyncIterable<readonly Found[]>,
  wanted: readonly string[] | null,
): AsyncGenerator<string> {
  for await (const page of pages) {
    const lines = page.map(({ lead, fields }) => {
      const chosen =
        wanted === null ? fields : Object.fromEntries(wanted.map((name) => [name, valueOf(fields, name)]));
      return `${JSON.stringify({ ...leadRow(lead), fields: chosen })}\n`;
    });
    if (lines.length > 0) yield lines.join("");
  }
}

/** The names of what is shown of every lead, in their order. */
const COLUMNS: readonly string[] = Object.keys(
  leadColumns({
    id: "00000000-0000-7000-8000-000000000000",
    campaignId: "",
    supplierId: "",
    status: "REJECTED",
    reason: null,
    buyerId: null,
    isTest: false,
    duplicateOf: null,
    price: null,
    payout: null,
    currency: "USD",
    decidedAt: 0,
    erasedAt: null,
    sales: [],
  }),
);

/** A line has a column for each value; the sales of a lead are as many as its buyers. */
function leadColumns(lead: RecordedLead) {
  const { sales: _, ...columns } = leadRow(lead);
  return columns;
}

function valueOf(fields: LeadFields, name: string): unknown {
  return Object.hasOwn(fields, name) ? fields[name] : null;
}

function cellOf(value: unknown): string | number | boolean | null {
  return typeof value === "object" && value !== null
    ? JSON.stringify(value)
    : (value as string | number | boolean | null);
}
