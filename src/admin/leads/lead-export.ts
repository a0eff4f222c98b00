import type { AdminParts } from "#admin/parts.ts";
import type { Database, Queryable } from "#database/database.ts";
import type { RequestContext } from "#http/context.ts";
import { type Listing, refuseQuery } from "#http/listing.ts";
import { oneWordOf, type QuerySettings, querySetting, readQuery, type SettingValues } from "#http/query.ts";
import { streamReply } from "#http/stream.ts";
import { type LeadFields, readFieldsOf } from "#leads/lead-fields-records.ts";
import type { RecordedLead } from "#leads/lead-records.ts";
import { csvLine } from "#text/csv.ts";
import { leadRow } from "./lead-row.ts";

/** Leads as a file: all that a query finds, and not a page of them. */

type ExportFormat = (typeof FORMATS)[number];
const FORMATS = ["csv", "ndjson"] as const;

const MEDIA_TYPE: Record<ExportFormat, string> = {
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

/** A list of leads that can be read in a transaction of the caller's, together with the leads' fields. */
export interface ExportedListing<Asked extends QuerySettings> extends Listing<Asked, RecordedLead> {
  find(
    db: Queryable,
    asked: SettingValues<Asked>,
    before: string | null,
    limit: number,
  ): Promise<RecordedLead[]>;
}

const MOST_FIELDS = 200;

/** How leads are exported; it comes to the list's own settings. */
export const EXPORT_SETTINGS = {
  format: {
    ...oneWordOf(
      FORMATS,
      `\`csv\` or \`ndjson\`: all leads of the query as a file, not a page of them. \`Accept: text/csv\` and
\`application/x-ndjson\` ask for the same.`,
    ),
    // Its header may name it as well, so it is looked at elsewhere.
    parse: (named: string) => named,
  },
  fields: querySetting(
    `Of an export, the fields that are wanted, with commas between: in CSV a column each. Without it all of them, in CSV
as JSON in one column.`,
    `names of fields with commas between, at most ${MOST_FIELDS}`,
    namesIn,
  ),
};

/** The leads of a query, the newest first, as they are read. Those that come meanwhile are not among them. */
export function exportLeads<Asked extends QuerySettings>(
  context: RequestContext,
  named: string,
  listing: ExportedListing<Asked>,
  { database, stopping }: Pick<AdminParts, "database" | "stopping">,
): Response {
  const settings = { ...listing.settings, ...EXPORT_SETTINGS };
  const { values, errors } = readQuery(context.request.url, settings);
  const asked: SettingValues<Asked & typeof EXPORT_SETTINGS> = values;
  const format = FORMATS.find((each) => each === named);
  const all = [...errors, ...(listing.check?.(asked) ?? [])];
  if (format === undefined) {
    all.push({ field: "format", code: "invalid_format", message: `must be ${FORMATS.join(", ")}` });
  }
  if (format === undefined || all.length > 0) return refuseQuery(context, all);
  const pages = () => pagesOf(asked, listing, database);
  const { fields } = asked as SettingValues<typeof EXPORT_SETTINGS>;
  return streamReply(context, {
    texts: () => (format === "csv" ? csvOf(pages(), fields) : ndjsonOf(pages(), fields)),
    stopping,
    whenStopped: "break",
    headers: {
      "content-type": MEDIA_TYPE[format],
      "content-disposition": `attachment; filename="leads.${format}"`,
    },
  });
}

function namesIn(text: string): string[] | undefined {
  const names = [...new Set(text.split(",").map((name) => name.trim()))];
  const areNames = names.every((name) => /^[\p{L}\p{N}_.-]{1,64}$/u.test(name));
  return areNames && names.length <= MOST_FIELDS ? names : undefined;
}

async function* pagesOf<Asked extends QuerySettings>(
  asked: SettingValues<Asked>,
  { find }: ExportedListing<Asked>,
  database: Database,
): AsyncGenerator<Found[]> {
  let before: string | null = null;
  do {
    const last: string | null = before;
    const page = await database.read(async (db) => {
      const leads = await find(db, asked, last, AT_ONCE);
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
    firstDecidedAt: 0,
    erasedAt: null,
    sales: [],
    former: [],
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
