import { CommandFailure } from "#cli/command/command.ts";
import { comparedHead, recogniseColumns } from "#fields/columns.ts";
import { isFullNameKey } from "#fields/full-name.ts";
import type { FieldDefinition } from "#fields/types/definition.ts";
import { nearest } from "#text/did-you-mean.ts";
import { oneLine } from "#text/one-line.ts";

/** What leads of a campaign may hold. */
export interface FieldsOfCampaign {
  /** Those that every campaign has, too. */
  fields: readonly FieldDefinition[];
  unknownFields: "keep" | "drop" | "reject";
}

/** What becomes of a column of the file. */
export interface ImportColumn {
  head: string;
  /** Under which name it is sent; null: it is left out. */
  name: string | null;
  /** Why, in some words. */
  because: string;
}

const BLANK = "it has no name";
const TYPED = "as typed";
/** A file that is no CSV may have a first line of any length, and anything in it. */
const MOST_SHOWN = 300;
const NO_FIELD = "no field: kept under its own name";

/**
 * What becomes of the columns of a file with these heads. `typed`: pairs such as `Cell=phone`, which go before what is recognised; of
 * `Notes=-` the column is left out.
 *
 * @throws CommandFailure when that cannot be told, or when no row could be taken in.
 */
export function chooseColumns(
  heads: readonly string[],
  typed: readonly string[],
  { fields, unknownFields }: FieldsOfCampaign,
): ImportColumn[] {
  requireDistinct(heads);
  const chosen = typedNames(typed, heads);
  const free = fields.filter(({ name }) => ![...chosen.values()].includes(name));
  const open = heads.map((head) => (chosen.has(head) ? "" : head));
  const recognised = recogniseColumns(open, free);
  const keys = new Set(fields.flatMap(({ name, aliases = [] }) => [name, ...aliases]));
  const columns = heads.map((head, place): ImportColumn => {
    const name = chosen.get(head);
    const found = recognised[place];
    if (name !== undefined) return { head, name, because: becauseTyped(name, keys, unknownFields) };
    if (head.trim() === "") return { head, name: null, because: `left out: ${BLANK}` };
    if (found !== undefined) return { head, name: found.field, because: `by its ${found.by}` };
    return unrecognised(head, keys, unknownFields);
  });
  requireFields(columns, fields);
  if (unknownFields === "reject") requireKnown(columns, keys);
  return columns;
}

/** A name that is no field may be a slip. */
function becauseTyped(
  name: string | null,
  keys: ReadonlySet<string>,
  unknownFields: FieldsOfCampaign["unknownFields"],
): string {
  if (name === null) return "left out, as typed";
  if (keys.has(name) || isFullNameKey(name) || name.startsWith("flo_")) return TYPED;
  const near = nearest(name, [...keys]);
  const hint = near === undefined ? "" : ` (did you mean ${near}?)`;
  return `${TYPED}; no field${hint}: ${unknownFields === "drop" ? "dropped" : "kept under that name"}`;
}

/** A column that is no field's, or whose field another column has. */
function unrecognised(
  head: string,
  keys: ReadonlySet<string>,
  unknownFields: FieldsOfCampaign["unknownFields"],
): ImportColumn {
  if (keys.has(head)) return { head, name: null, because: "left out: another column is that field" };
  if (head === "idempotency_key") return { head, name: null, because: "left out: see --key" };
  if (isFullNameKey(head)) return { head, name: head, because: "the first name, and the rest" };
  if (head.startsWith("flo_")) return { head, name: head, because: "must be what was typed" };
  if (unknownFields === "drop") return { head, name: null, because: "left out: no field" };
  return { head, name: head, because: NO_FIELD };
}

function requireDistinct(heads: readonly string[]): void {
  const twice = heads.find((head, place) => head.trim() !== "" && heads.indexOf(head) !== place);
  if (twice === undefined) return;
  throw new CommandFailure(`Two columns of the file are called ${JSON.stringify(twice)}: rename one.`);
}

/** The names that were typed, by the head of the column. */
function typedNames(typed: readonly string[], heads: readonly string[]): Map<string, string | null> {
  const names = new Map<string, string | null>();
  for (const pair of typed) {
    const [, column = "", name = ""] = /^(.+)=([^=]*)$/.exec(pair) ?? [];
    if (column === "") {
      throw new CommandFailure(`--map takes a column and a field, such as --map "Cell=phone", not ${pair}.`);
    }
    const head = headNamed(column, heads);
    const wanted = ["", "-"].includes(name.trim()) ? null : name.trim();
    if (wanted !== null && [...names.values()].includes(wanted)) {
      throw new CommandFailure(`Two columns are to be ${wanted}.`);
    }
    names.set(head, wanted);
  }
  return names;
}

/** The head that a column was called by. @throws CommandFailure when there is none */
export function headNamed(column: string, heads: readonly string[]): string {
  const said = comparedHead(column);
  const found = heads.find((head) => head === column) ?? heads.find((head) => comparedHead(head) === said);
  if (found !== undefined && said !== "") return found;
  const near = nearest(column, heads);
  const hint = near === undefined ? `Its columns are ${heads.join(", ")}.` : `Did you mean ${near}?`;
  throw new CommandFailure(`The file has no column ${JSON.stringify(column)}. ${hint}`);
}

function requireFields(columns: readonly ImportColumn[], fields: readonly FieldDefinition[]): void {
  const sent = columns.map(({ name }) => name);
  const hasFullName = sent.some((name) => name !== null && (isFullNameKey(name) || name === "full_name"));
  const fromFullName = hasFullName ? ["first_name", "last_name"] : [];
  const missing = fields
    .filter(({ name, required }) => required === true && !sent.includes(name) && !fromFullName.includes(name))
    .map(({ name }) => name);
  const [first] = missing;
  if (first === undefined) return;
  const columnsLeft = columns.filter(({ because }) => because === NO_FIELD).map(({ head }) => head);
  const left =
    columnsLeft.length === 0
      ? ""
      : ` Columns that are no field: ${oneLine(columnsLeft.join(", "), MOST_SHOWN)}.`;
  throw new CommandFailure(
    `No column of the file is taken for what each lead must have: ${missing.join(", ")}. ` +
      `Say which it is, such as --map "COLUMN=${first}".${left}`,
  );
}

function requireKnown(columns: readonly ImportColumn[], keys: ReadonlySet<string>): void {
  const unknown = columns.filter(
    ({ name }) => name !== null && !keys.has(name) && !isFullNameKey(name) && !name.startsWith("flo_"),
  );
  const [first] = unknown;
  if (first === undefined) return;
  throw new CommandFailure(
    `The campaign refuses leads with fields that it does not have: ${unknown.map(({ head }) => head).join(", ")}. ` +
      `Say which field it is or leave it out, such as --map "${first.head}=-".`,
  );
}
