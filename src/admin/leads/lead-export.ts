import type { AdminParts } from "#admin/parts.ts";
import { readFieldNames } from "#campaigns/field-names-records.ts";
import type { Database, Queryable } from "#database/database.ts";
import type { RequestContext } from "#http/context.ts";
import { type Listing, refuseQuery } from "#http/listing.ts";
import {
  oneWordOf,
  type QuerySetting,
  type QuerySettings,
  querySetting,
  readQuery,
  type SettingValues,
  yesOrNo,
} from "#http/query.ts";
import { refusedSince, whileLetIn } from "#http/route.ts";
import { streamReply } from "#http/stream.ts";
import { type LeadFields, readFieldsOf } from "#leads/lead-fields-records.ts";
import type { RecordedLead } from "#leads/lead-records.ts";
import { csvLine } from "#text/csv.ts";
import {
  asBoughtBy,
  type ExportedLead,
  LEAD_COLUMNS,
  leadColumns,
  SALE_COLUMNS,
  saleColumns,
} from "./exported-lead.ts";
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
  /** `undoneToo`: those that a buyer has, and those that it had. */
  find(
    db: Queryable,
    asked: SettingValues<Asked>,
    before: string | null,
    limit: number,
    undoneToo: boolean,
  ): Promise<RecordedLead[]>;
}

/** The settings of a list that an export looks at itself. */
type Narrowed = { campaign: QuerySetting<string>; buyer: QuerySetting<string> };

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
  sales: yesOrNo(
    `Of an export, a row for each sale instead of each lead: its buyer, price and payout as agreed, and how it stands. With
\`buyer\`, the sales of that buyer alone, also those that were undone.`,
    false,
  ),
  fields: querySetting(
    `Of an export, the fields that are wanted, with commas between: in CSV a column each. Without it all of them, in CSV
as JSON in one column; with \`campaign\` in CSV a column for each field of the campaign, and one for the others.`,
    `names of fields with commas between, at most ${MOST_FIELDS}`,
    namesIn,
  ),
};

/**
 * The leads of a query, the newest first, as they are read. Those that come meanwhile are not among them. It breaks off when the caller
 * may look no more.
 */
export async function exportLeads<Asked extends QuerySettings & Narrowed>(
  context: RequestContext,
  named: string,
  listing: ExportedListing<Asked>,
  { database, operators, stopping }: Pick<AdminParts, "database" | "operators" | "stopping">,
): Promise<Response> {
  const settings = { ...listing.settings, ...EXPORT_SETTINGS };
  const { values, errors } = readQuery(context.request.url, settings);
  const asked: SettingValues<Asked & typeof EXPORT_SETTINGS> = values;
  const format = FORMATS.find((each) => each === named);
  const all = [...errors, ...((await listing.check?.(asked)) ?? [])];
  if (format === undefined) {
    all.push({ field: "format", code: "invalid_format", message: `must be ${FORMATS.join(", ")}` });
  }
  if (format === undefined || all.length > 0) return refuseQuery(context, all);
  const { campaign, buyer } = asked as SettingValues<Narrowed>;
  const { fields, sales } = asked as SettingValues<typeof EXPORT_SETTINGS>;
  const isBySale = sales === true;
  const refused = () => refusedSince(operators.read, context);
  const found = () => whileLetIn(pagesOf(asked, listing, isBySale, database), refused);
  const pages = () => rowsOf(found(), { isBySale, buyer });
  const ofCampaign =
    campaign === null || fields !== null || format !== "csv"
      ? null
      : await database.read((db) => readFieldNames(db, campaign));
  return streamReply(context, {
    texts: () =>
      format === "csv"
        ? csvOf(pages(), isBySale ? SALE_COLUMNS : LEAD_COLUMNS, fieldColumns(fields, ofCampaign))
        : ndjsonOf(pages(), fields),
    stopping,
    whenStopped: "break",
    headers: {
      "content-type": MEDIA_TYPE[format],
      "content-disposition": `attachment; filename="${isBySale ? "sales" : "leads"}.${format}"`,
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
  undoneToo: boolean,
  database: Database,
): AsyncGenerator<ExportedLead[]> {
  let before: string | null = null;
  do {
    const last: string | null = before;
    const page = await database.survey(async (db) => {
      const leads = await find(db, asked, last, AT_ONCE, undoneToo);
      const ids = leads.map(({ id }) => id);
      const fields = ids.length === 0 ? undefined : await readFieldsOf(db, ids);
      return leads.map((lead): ExportedLead => ({ lead, fields: fields?.get(lead.id) ?? {} }));
    });
    yield page;
    before = page.length < AT_ONCE ? null : (page.at(-1)?.lead.id ?? null);
  } while (before !== null);
}

interface ExportedRow {
  /** In their order. */
  columns: Readonly<Record<string, string | number | boolean | null>>;
  lead: RecordedLead;
  fields: LeadFields;
}

async function* rowsOf(
  pages: AsyncIterable<readonly ExportedLead[]>,
  { isBySale, buyer }: { isBySale: boolean; buyer: string | null },
): AsyncGenerator<ExportedRow[]> {
  for await (const page of pages) {
    yield page.flatMap(({ lead: whole, fields }): ExportedRow[] => {
      const lead = buyer === null ? whole : asBoughtBy(whole, buyer);
      const lines = isBySale ? saleColumns(lead) : [leadColumns(lead)];
      return lines.map((columns) => ({ columns, lead, fields }));
    });
  }
}

/** How the fields of a lead are written in CSV: by name, and what more there is as JSON. */
interface FieldColumns {
  names: readonly string[];
  /** The name of the last column; null: there is none. */
  rest: string | null;
}

function fieldColumns(wanted: readonly string[] | null, ofCampaign: readonly string[] | null): FieldColumns {
  if (wanted !== null) return { names: wanted, rest: null };
  return ofCampaign === null ? { names: [], rest: "fields" } : { names: ofCampaign, rest: "other_fields" };
}

async function* csvOf(
  pages: AsyncIterable<readonly ExportedRow[]>,
  columns: readonly string[],
  { names, rest }: FieldColumns,
): AsyncGenerator<string> {
  // A field may have the name of a column.
  const taken = rest === null ? columns : [...columns, rest];
  const shown = names.map((name) => (taken.includes(name) ? `fields.${name}` : name));
  yield csvLine([...columns, ...shown, ...(rest === null ? [] : [rest])]);
  for await (const page of pages) {
    const lines = page.map((row) => {
      const { fields } = row;
      const others = Object.entries(fields).filter(([name]) => !names.includes(name));
      const last = rest === null ? [] : [JSON.stringify(Object.fromEntries(others))];
      return csvLine([
        ...columns.map((name) => row.columns[name] ?? null),
        ...names.map((name) => cellOf(valueOf(fields, name))),
        ...last,
      ]);
    });
    if (lines.length > 0) yield lines.join("");
  }
}

async function* ndjsonOf(
  pages: AsyncIterable<readonly ExportedRow[]>,
  wanted: readonly string[] | null,
): AsyncGenerator<string> {
  for await (const page of pages) {
    const lines = page.map(({ columns, lead, fields }) => {
      const chosen =
        wanted === null ? fields : Object.fromEntries(wanted.map((name) => [name, valueOf(fields, name)]));
      const shown = "sale_id" in columns ? columns : leadRow(lead);
      return `${JSON.stringify({ ...shown, fields: chosen })}\n`;
    });
    if (lines.length > 0) yield lines.join("");
  }
}

function valueOf(fields: LeadFields, name: string): unknown {
  return Object.hasOwn(fields, name) ? fields[name] : null;
}

function cellOf(value: unknown): string | number | boolean | null {
  return typeof value === "object" && value !== null
    ? JSON.stringify(value)
    : (value as string | number | boolean | null);
}
