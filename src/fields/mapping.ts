import { type TObject, type TSchema, Type } from "@sinclair/typebox";
import { type TypeCheck, TypeCompiler } from "@sinclair/typebox/compiler";
import { type ValueError, ValueErrorType } from "@sinclair/typebox/errors";
import type { FieldDefinition } from "#fields/types/definition.ts";
import type { Stored } from "#fields/types/field-type.ts";
import { refusedBy } from "#fields/types/narrowed.ts";
import {
  contradictory,
  type FieldError,
  invalidFormat,
  invalidType,
  outOfRange,
  type ValueRefusal,
} from "#fields/types/refusal.ts";
import { nearest } from "#text/did-you-mean.ts";
import { isForbiddenKey } from "#text/json.ts";
import { type AliasPath, aliasPath, valuesAt } from "./alias-path.ts";
import { isFullNameKey, type NameParts, splitName } from "./full-name.ts";
import { type FieldReader, isSaid, isStorable, readerOf, saidIn } from "./reader.ts";
import { type Spellings, spellingsOf } from "./spellings.ts";
import { hashedFields, narrowerTypes, withSystemFields } from "./system.ts";
import { fieldTypes } from "./types.ts";
import { refusalOfUnmapped } from "./unmapped.ts";

export type { FieldError } from "#fields/types/refusal.ts";

/** A lead's values in stored form under their canonical names; an object without prototype. */
export type FieldValues = Readonly<Record<string, Stored>>;

export type UnknownFields = "keep" | "drop" | "reject";
export type Purpose = "post" | "ping";

interface MappingOptions {
  /** The campaign's country, ISO 3166-1 alpha-2, upper case. */
  readonly country: string;
  readonly unknownFields: UnknownFields;
}

export type MappingResult =
  | {
      readonly ok: true;
      readonly values: FieldValues;
      /** What was sent, by canonical name, where the stored form differs from it. */
      readonly sent: Readonly<Record<string, unknown>>;
      /** Unmapped objects and arrays that the campaign keeps, as JSON values by the name they were sent under. */
      readonly extra: Readonly<Record<string, unknown>>;
    }
  | { readonly ok: false; readonly errors: readonly FieldError[] };

export interface FieldMapping {
  /** The system fields, each with what the campaign says about it, then the campaign's own. */
  readonly fields: readonly FieldDefinition[];
  /** What the values of a posted lead satisfy, with labels as titles. */
  readonly schema: TObject;
  /**
   * Reads the fields of a body (its `flo_*` fields already taken out) and answers with the values or with all that is wrong,
   * in the order of definition and then of sending. A post must hold what is required. A ping is partial: what it holds is
   * checked, and what is required for a ping must be there, where a hash of the phone or e-mail stands in for it.
   */
  read(body: Readonly<Record<string, unknown>>, purpose: Purpose): MappingResult;
  /** The names in a body that are no field's, each with the field that it may have been meant for; at most `MOST_STRANGERS`. */
  strangersIn(body: Readonly<Record<string, unknown>>): Stranger[];
  /** How values are spelled that are compared with a lead's. */
  readonly spellings: Spellings;
}

/** A name of a body that no field has. */
export interface Stranger {
  /** As it was sent, at most 64 characters of ASCII. */
  readonly field: string;
  readonly did_you_mean?: string;
}

/** More are not compared with the fields' names: each comparison costs a microsecond. */
const MOST_STRANGERS = 20;

/**
 * Makes a campaign's field mapping ready to read leads. Takes well under a millisecond, and some 20 KB for each purpose that
 * is used. Throws for definitions in which `problemsOf` finds a pattern or bound that can't be compiled.
 */
export function compileMapping(fields: readonly FieldDefinition[], options: MappingOptions): FieldMapping {
  const all = withSystemFields(fields);
  const post = planOfPost(all, options.country);
  let ping: Plan | undefined; // most campaigns are never pinged
  return {
    fields: all,
    schema: post.schema,
    spellings: spellingsOf(all, options.country),
    read(body, purpose) {
      if (purpose === "post") return readWith(post, body, options.unknownFields);
      ping ??= planOfPing(all, options.country);
      return readWith(ping, body, options.unknownFields);
    },
    strangersIn: (body) => strangersIn(post, body),
  };
}

/** What one purpose asks of a body. */
interface Plan {
  readonly readers: readonly FieldReader[];
  /** For each reader, the names of which one must be there; empty when none must. */
  readonly needs: readonly (readonly string[])[];
  /** Where each name and alias goes. */
  readonly places: ReadonlyMap<string, number>;
  /** Aliases that lead into values. */
  readonly paths: readonly (AliasPath & { place: number })[];
  /** The keys at which those begin. */
  readonly holders: ReadonlySet<string>;
  readonly schema: TObject;
  readonly check: TypeCheck<TObject>;
}

function planOfPost(fields: readonly FieldDefinition[], country: string): Plan {
  const readers = readersFor(fields, country);
  return planOf(
    readers,
    fields.map((field) => (field.required === true ? [field.name] : [])),
    fields.map((field) => field.required === true),
  );
}

function planOfPing(fields: readonly FieldDefinition[], country: string): Plan {
  const hashes = hashedFields.map(({ name, type }) => readerOf({ name, type: "text" }, type, country));
  const needs = fields.map(({ name, required_for_ping }) =>
    required_for_ping === true
      ? [name, ...hashedFields.filter((hashed) => hashed.of === name).map((hashed) => hashed.name)]
      : [],
  );
  const readers = [...readersFor(fields, country), ...hashes];
  return planOf(readers, [...needs, ...hashes.map(() => [])], []);
}

function readersFor(fields: readonly FieldDefinition[], country: string): FieldReader[] {
  return fields.map((field) =>
    readerOf(field, narrowerTypes.get(field.name) ?? fieldTypes[field.type], country),
  );
}

function planOf(readers: FieldReader[], needs: string[][], inSchema: boolean[]): Plan {
  const properties: Record<string, TSchema> = {};
  readers.forEach(({ name, schema }, place) => {
    properties[name] = inSchema[place] === true ? schema : Type.Optional(schema);
  });
  const schema = Type.Object(properties);
  const names = readers.flatMap((reader, place) => reader.names.map((name) => [name, place] as const));
  const paths = names.flatMap(([name, place]) => {
    const path = aliasPath(name);
    return path === undefined ? [] : [{ ...path, place }];
  });
  return {
    readers,
    needs,
    places: new Map(names),
    paths,
    holders: new Set(paths.map(({ begins }) => begins)),
    schema,
    check: TypeCompiler.Compile(schema),
  };
}

/** A body while it is read: what was understood so far, and what was wrong. */
interface PartialReading {
  readonly values: Record<string, Stored>;
  readonly sent: Record<string, unknown>;
  /** Made when the first such value comes. */
  extra: Record<string, unknown>;
  /** By place of the field, so that errors come in the order of definition. */
  readonly errors: (FieldError | undefined)[];
  readonly unknownErrors: FieldError[];
}

const NOTHING: Readonly<Record<string, never>> = Object.freeze(Object.create(null));

function readWith(
  plan: Plan,
  body: Readonly<Record<string, unknown>>,
  unknownFields: UnknownFields,
): MappingResult {
  const draft: PartialReading = {
    values: Object.create(null),
    sent: Object.create(null),
    extra: NOTHING,
    errors: [],
    unknownErrors: [],
  };
  const found: FoundValues = { raws: [], rivals: undefined, unmapped: undefined, known: plan.holders };
  sort(plan, body, found);
  readMapped(plan, found, draft);
  splitFullName(plan, found, body, draft);
  checkNeeds(plan, draft);
  if (found.unmapped !== undefined) readUnmapped(found, body, unknownFields, draft);
  if (!plan.check.Check(draft.values)) explainCheck(plan, draft);

  const isFlawed = draft.errors.length > 0 || draft.unknownErrors.length > 0;
  const errors = isFlawed ? errorsOf(draft) : NO_ERRORS;
  return errors.length === 0
    ? { ok: true, values: draft.values, sent: draft.sent, extra: draft.extra }
    : { ok: false, errors: found.unmapped === undefined ? errors : hinted(errors, strangersIn(plan, body)) };
}

const NO_ERRORS: readonly FieldError[] = [];

function errorsOf({ errors, unknownErrors }: PartialReading): FieldError[] {
  return [...errors, ...unknownErrors].filter((error) => error !== undefined);
}

/** Names that no field has, with what each may have been meant for: a field that did not come. */
function strangersIn(plan: Plan, body: Readonly<Record<string, unknown>>): Stranger[] {
  const absent = plan.readers
    .filter(({ names }) => !names.some((name) => name in body))
    .map(({ name }) => name);
  return Object.keys(body)
    .filter((name) => placeOf(name, plan) === undefined && !plan.holders.has(name) && !isFullNameKey(name))
    .slice(0, MOST_STRANGERS)
    .map((name) => {
      const meant = nearest(name, absent);
      return { field: printable(name), ...(meant !== undefined && { did_you_mean: meant }) };
    });
}

/** What is missing may have come under a name that was mistyped. */
function hinted(errors: readonly FieldError[], strangers: readonly Stranger[]): FieldError[] {
  return errors.map((error) => {
    const { field, code, message } = error;
    const mistyped = strangers.find(({ did_you_mean: meant }) => code === "required" && meant === field);
    if (mistyped !== undefined)
      return { ...error, message: `${message}; was ${mistyped.field} meant for it?` };
    const meant = code === "unknown_field" && strangers.find((each) => each.field === field)?.did_you_mean;
    return meant ? { ...error, message: `${message}. Did you mean ${meant}?` } : error;
  });
}

/** A body's fields, sorted by where they go. */
interface FoundValues {
  readonly raws: unknown[];
  /** All that was sent for a field that came under several of its names, by place. */
  rivals: Map<number, unknown[]> | undefined;
  unmapped: string[] | undefined;
  /** Those among them of which values were taken. */
  known: ReadonlySet<string>;
}

function sort(plan: Plan, body: Readonly<Record<string, unknown>>, found: FoundValues): void {
  for (const name of Object.keys(body)) {
    const place = placeOf(name, plan);
    const raw = body[name];
    if (place === undefined || (typeof raw === "object" && plan.holders.has(name))) {
      found.unmapped ??= [];
      found.unmapped.push(name);
    } else {
      find(place, raw, found);
    }
  }
  for (const path of plan.paths) for (const raw of valuesAt(path, body)) find(path.place, raw, found);
}

/** A form's list may come under the field's name with brackets behind it. */
function placeOf(name: string, { places }: Plan): number | undefined {
  return places.get(name) ?? (name.endsWith("[]") ? places.get(name.slice(0, -2)) : undefined);
}

function find(place: number, raw: unknown, found: FoundValues): void {
  if (!isSaid(raw)) return;
  if (found.raws[place] === undefined) {
    found.raws[place] = raw;
    return;
  }
  found.rivals ??= new Map();
  const rivals = found.rivals.get(place) ?? [found.raws[place]];
  rivals.push(raw);
  found.rivals.set(place, rivals);
}

function readMapped({ readers }: Plan, found: FoundValues, draft: PartialReading): void {
  for (let place = 0; place < readers.length; place++) {
    const reader = readers[place];
    const raw = found.raws[place];
    if (reader === undefined || raw === undefined) continue;
    const rivals = found.rivals?.get(place);
    const stored = rivals === undefined ? reader.read(raw) : agreed(reader, rivals);
    if (typeof stored === "object") {
      draft.errors[place] = reader.error(stored);
    } else if (stored !== undefined) {
      draft.values[reader.name] = stored;
      if (stored === raw) continue;
      draft.sent[reader.name] = raw;
      keepBeside(reader.beside(raw), draft);
    }
  }
}

/** Stands among what is kept of the body, and so takes no part in checks. A field of that name that comes itself stays as it is. */
function keepBeside(found: { name: string; value: string } | undefined, draft: PartialReading): void {
  if (found === undefined) return;
  if (draft.extra === NOTHING) draft.extra = Object.create(null);
  draft.extra[found.name] ??= found.value;
}

/** Takes the names of a person from a full name when neither came; a last resort, for a name has no places that are the same everywhere. */
function splitFullName(
  { readers, places }: Plan,
  found: FoundValues,
  body: Readonly<Record<string, unknown>>,
  draft: PartialReading,
): void {
  const first = places.get("first_name") ?? -1;
  const last = places.get("last_name") ?? -1;
  if (found.raws[first] !== undefined || found.raws[last] !== undefined) return;
  const mapped = found.raws[places.get("full_name") ?? -1];
  const key = mapped === undefined ? found.unmapped?.find(isFullNameKey) : undefined;
  const fullName = mapped ?? (key === undefined ? undefined : body[key]);
  const names = splitName(Array.isArray(fullName) && fullName.length === 1 ? fullName[0] : fullName);
  if (names === undefined) return;
  if (key !== undefined) found.known = new Set([...found.known, key]);
  const parts: [number, keyof NameParts][] = [
    [first, "first"],
    [last, "last"],
  ];
  for (const [place, part] of parts) {
    const reader = readers[place];
    const stored = reader?.read(names[part]);
    if (reader === undefined || stored === undefined) continue;
    if (typeof stored === "object") draft.errors[place] = reader.error(stored);
    else {
      draft.values[reader.name] = stored;
      draft.sent[reader.name] = fullName;
    }
  }
}

function checkNeeds({ readers, needs }: Plan, draft: PartialReading): void {
  needs.forEach((names, place) => {
    if (names.length === 0 || draft.errors[place] !== undefined) return;
    const reader = readers[place];
    if (reader === undefined || names.some((name) => name in draft.values)) return;
    draft.errors[place] = reader.error({ code: "required" });
  });
}

/** More are not read: each may cost a parse. A field has at most 21 names. */
const MOST_RIVALS = 40;

/** A field may come under several of its names when all say the same; which one is right is not ours to guess. */
function agreed(reader: FieldReader, raws: readonly unknown[]): Stored | undefined | ValueRefusal {
  const different = new Set(raws);
  if (different.size > MOST_RIVALS) return contradictory;
  const [first, ...others] = [...different].map((raw) => reader.read(raw));
  if (typeof first === "object") return first;
  for (const other of others) {
    if (typeof other === "object") return other;
    if (other !== first) return contradictory;
  }
  return first;
}

/**
 * Asks TypeBox what its check refused; the first error of each field is the one that is said. A field that is missing or could
 * not be understood is refused here once more, but has its error already.
 */
function explainCheck({ check, places, readers }: Plan, draft: PartialReading): void {
  for (const error of check.Errors(draft.values)) {
    const place = places.get(error.path.slice(1));
    const reader = place === undefined ? undefined : readers[place];
    if (place === undefined || reader === undefined) continue;
    draft.errors[place] ??= reader.error(refusalFrom(error));
  }
}

function refusalFrom(error: ValueError): ValueRefusal {
  return (REFUSALS.get(error.type) ?? (() => invalidType))(error);
}

/** What TypeBox found, in the contract's codes; anything else is of the wrong type. */
const REFUSALS = new Map<ValueErrorType, (error: ValueError) => ValueRefusal>([
  [ValueErrorType.StringMinLength, ({ schema }) => ({ code: "too_short", limit: schema.minLength })],
  [ValueErrorType.StringMaxLength, ({ schema }) => ({ code: "too_long", limit: schema.maxLength })],
  [ValueErrorType.StringFormat, () => invalidFormat],
  [ValueErrorType.StringPattern, () => invalidFormat],
  [ValueErrorType.NumberMinimum, () => outOfRange],
  [ValueErrorType.NumberMaximum, () => outOfRange],
  [ValueErrorType.IntegerMinimum, () => outOfRange],
  [ValueErrorType.IntegerMaximum, () => outOfRange],
  [ValueErrorType.Kind, ({ schema, value }) => refusedBy(schema, value) ?? invalidType],
]);

function readUnmapped(
  { unmapped: names = [], known }: FoundValues,
  body: Readonly<Record<string, unknown>>,
  unknownFields: UnknownFields,
  draft: PartialReading,
): void {
  for (const name of names) {
    if (known.has(name) && unknownFields === "reject") continue;
    if (unknownFields === "reject" || isForbiddenKey(name)) {
      draft.unknownErrors.push(unknownField(name));
    } else if (unknownFields === "keep") {
      if (isStorable(name)) keep(name, body[name], draft);
      else draft.unknownErrors.push(unknownField(name));
    }
  }
}

function unknownField(name: string): FieldError {
  return { field: printable(name), code: "unknown_field", message: "This is not a field of this campaign" };
}

/** A name as it stands in an error. */
function printable(name: string): string {
  return name.slice(0, 64).replace(/[^\x20-\x7e]/g, "?");
}

/** Keeps an unmapped value: plain values among the others, as text trimmed; objects and arrays apart. */
function keep(name: string, raw: unknown, draft: PartialReading): void {
  const refusal = refusalOfUnmapped(raw);
  if (refusal !== undefined) {
    const message = "This field contains a value that cannot be stored";
    draft.unknownErrors.push({ field: printable(name), code: refusal.code, message });
  } else if (typeof raw === "object") {
    if (raw === null) return;
    if (draft.extra === NOTHING) draft.extra = Object.create(null);
    draft.extra[name] = raw;
  } else {
    const said = saidIn(raw);
    if (said === undefined || typeof said === "object") return;
    draft.values[name] = said;
    if (said !== raw) draft.sent[name] = raw;
  }
}
