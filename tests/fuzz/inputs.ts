import fc from "fast-check";
import type { OpenApiDocument } from "#api-docs/openapi/document.ts";

/** One operation of the API, as its document describes it. */
export interface FuzzedOperation {
  id: string;
  method: string;
  path: string;
  settings: readonly string[];
  /** Bodies that its document shows. */
  examples: readonly unknown[];
}

/** Those that take no part: a backup is as large as all that was made before. */
const LEFT_OUT = new Set(["backUp", "downloadBackup", "createBackup"]);

export function operationsOf(document: OpenApiDocument): FuzzedOperation[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, { operationId }]) => !LEFT_OUT.has(operationId))
      .map(([method, { operationId, parameters = [], requestBody }]) => ({
        id: operationId,
        method: method.toUpperCase(),
        path,
        settings: parameters.flatMap((each) => (each.in === "query" ? [String(each.name)] : [])),
        examples: examplesIn(requestBody),
      })),
  );
}

function examplesIn(body: unknown): unknown[] {
  const { content = {} } = (body ?? {}) as {
    content?: Record<string, { examples?: Record<string, { value: unknown }> }>;
  };
  return Object.values(content).flatMap(({ examples = {} }) =>
    Object.values(examples).map(({ value }) => value),
  );
}

/** Who calls. */
export const CALLERS = ["nobody", "stranger", "supplier", "buyer", "read", "operate", "admin"] as const;
export type Caller = (typeof CALLERS)[number];

/** One request, before keys are put to it. */
export interface FuzzedRequest {
  operation: FuzzedOperation;
  caller: Caller;
  /** For the names in the path. */
  ids: readonly string[];
  query: readonly (readonly [string, string])[];
  mediaType: string;
  headers: Readonly<Record<string, string>>;
  body: string | Uint8Array<ArrayBuffer>;
}

const KNOWN_IDS = [
  "solar",
  "auctioned",
  "acme",
  "first",
  "second",
  "third",
  "do-not-call",
  "books",
  "2026-01",
  "1",
];

const ids = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...KNOWN_IDS) },
  {
    weight: 2,
    arbitrary: fc.constantFrom("lead_01k6a1npq7f9gtqf2hs6zkdsn4", "key_x", "..", "%00", "%2e%2e", "ü"),
  },
  { weight: 1, arbitrary: fc.string({ maxLength: 60 }) },
);

/** Texts of which each is hard for something: numbers, dates, phones, markup, escapes, long ones. */
const HARD_TEXTS = [
  "",
  " ",
  "\0",
  "\ud800",
  "‮",
  "null",
  "NaN",
  "-0",
  "1e400",
  "0x10",
  "$1,200.50",
  "٣",
  "9".repeat(400),
  "true",
  "2026-02-30",
  "0000-00-00",
  "2026-01-13T17:00:00Z",
  "99999-01-01",
  "+15125552846",
  "512-555-2846 x123",
  "+",
  "+1".repeat(60),
  "a@b.co",
  "@",
  "a@".repeat(200),
  "<a>",
  "]]>",
  "&lt;",
  "{phone}",
  "{{",
  "{phone|national|first:2}",
  "{x|y:z}",
  "$.a[?(@.b)]",
  "//a[@b='c']",
  "(a+)+$",
  "(?<=a)b",
  "[",
  "__proto__",
  "constructor",
  "TX",
  "Texas",
  "02134-1234",
  "K1A 0B1",
  "EST",
  "Europe/Berlin",
  "https://example.com/",
  "http://169.254.169.254/",
  "javascript:alert(1)",
  "flo_buyer_id",
  "x".repeat(5000),
];

const scalars = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...HARD_TEXTS) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 40 }) },
  { weight: 1, arbitrary: fc.oneof(fc.integer(), fc.double(), fc.maxSafeInteger()) },
  { weight: 1, arbitrary: fc.constantFrom(null, true, false, 0, -1, 1e308, 2 ** 53) },
);

const values = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    { weight: 6, arbitrary: scalars },
    { weight: 1, arbitrary: fc.array(tie("value"), { maxLength: 4 }) },
    {
      weight: 1,
      arbitrary: fc.dictionary(fc.constantFrom("a", "phone", "id", "@x", "#text", ""), tie("value"), {
        maxKeys: 4,
      }),
    },
  ),
})).value;

const FIELD_NAMES = [
  "first_name",
  "last_name",
  "full_name",
  "phone",
  "email",
  "state",
  "zip_code",
  "source",
  "trustedform_cert_url",
  "n",
  "i",
  "b",
  "d",
  "dt",
  "t",
  "data",
  "flo_campaign_id",
  "flo_supplier_id",
  "flo_ping_id",
  "flo_buyer_id",
  "phone_sha256",
  "lead_id",
  "outcome",
  "revenue",
  "user_column_data",
  "",
  "x y",
];

/** A lead that is whole but for what is put in its fields. */
const leads = fc
  .tuple(fc.nat({ max: 899 }), fc.dictionary(fc.constantFrom(...FIELD_NAMES), values, { maxKeys: 6 }))
  .map(([person, over]) => ({
    flo_campaign_id: person % 3 === 0 ? "auctioned" : "solar",
    flo_supplier_id: "acme",
    first_name: "Ada",
    last_name: "Lovelace",
    phone: `512555${1000 + person}`,
    email: `ada${person}@example.com`,
    state: "TX",
    ...over,
  }));

/** What a document shows, with something else in the place of one of its parts. */
function changed(example: unknown): fc.Arbitrary<unknown> {
  const places = placesIn(example);
  return fc
    .tuple(fc.constantFrom(...places), values, fc.boolean())
    .map(([place, value, removes]) => replaced(example, place, value, removes));
}

type Place = readonly (string | number)[];

function placesIn(value: unknown, at: Place = []): Place[] {
  if (typeof value !== "object" || value === null) return [at];
  return [at, ...Object.entries(value).flatMap(([key, inner]) => placesIn(inner, [...at, key]))];
}

function replaced(value: unknown, [key, ...rest]: Place, by: unknown, removes: boolean): unknown {
  if (key === undefined || typeof value !== "object" || value === null) return by;
  const copy: Record<string, unknown> = Array.isArray(value) ? ([...value] as never) : { ...value };
  if (rest.length === 0 && removes) delete copy[key];
  else copy[key] = replaced(copy[key], rest, by, removes);
  return copy;
}

const csv = fc
  .array(fc.array(fc.constantFrom(...HARD_TEXTS, "phone", "email", '"', "sep=,"), { maxLength: 4 }), {
    maxLength: 6,
  })
  .map((rows) => rows.map((cells) => cells.join(",")).join("\n"));

const forms = fc
  .array(fc.tuple(fc.constantFrom(...FIELD_NAMES, "b[]"), fc.constantFrom(...HARD_TEXTS)), { maxLength: 8 })
  .map((pairs) => pairs.map(([name, text]) => `${escape(name)}=${escape(text)}`).join("&"));

/** As a sender does that knows nothing of UTF-8. */
function escape(text: string): string {
  return text.replace(/[^\w]/g, (mark) => `%${(mark.charCodeAt(0) & 0xff).toString(16).padStart(2, "0")}`);
}

const MEDIA_TYPES = [
  "application/json",
  "application/x-www-form-urlencoded",
  "application/x-www-form-urlencoded; charset=windows-1252",
  "text/csv",
  "application/yaml",
  "application/merge-patch+json",
  "application/vnd.ms-excel",
  "text/plain",
  "",
  "application/json; charset=x",
];

function bodiesOf(
  { examples, path }: FuzzedOperation,
  document: unknown,
): fc.Arbitrary<[string, string | Uint8Array<ArrayBuffer>]> {
  const json = (value: fc.Arbitrary<unknown>) =>
    value.map((each): [string, string] => ["application/json", JSON.stringify(each) ?? ""]);
  const own = examples.length === 0 ? values : fc.constantFrom(...examples).chain(changed);
  const isOfSuppliers = !path.includes("/admin/");
  return fc.oneof(
    { weight: 4, arbitrary: json(own) },
    { weight: isOfSuppliers ? 6 : 0, arbitrary: json(leads) },
    {
      weight: isOfSuppliers ? 3 : 1,
      arbitrary: forms.map((text): [string, string] => [MEDIA_TYPES[1] ?? "", text]),
    },
    { weight: path.includes("/config") ? 8 : 0, arbitrary: json(changed(document)) },
    {
      weight: path.includes("/config") ? 4 : 0,
      arbitrary: changed(document).map((each): [string, string] => [
        "application/yaml",
        JSON.stringify(each) ?? "",
      ]),
    },
    {
      weight: path.includes("entries") ? 6 : 0,
      arbitrary: csv.map((text): [string, string] => ["text/csv", text]),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(fc.constantFrom(...MEDIA_TYPES), fc.oneof(fc.json(), csv, forms, fc.string())),
    },
    { weight: 1, arbitrary: fc.tuple(fc.constantFrom(...MEDIA_TYPES), fc.uint8Array({ maxLength: 200 })) },
  );
}

/** Any request at all to one of these operations; `document` is the configuration that is changed. */
export function requests(
  operations: readonly FuzzedOperation[],
  document: unknown,
): fc.Arbitrary<FuzzedRequest> {
  const headers = fc.dictionary(
    fc.constantFrom(
      "idempotency-key",
      "if-match",
      "if-none-match",
      "x-request-id",
      "x-forwarded-for",
      "accept",
      "traceparent",
    ),
    fc.string({ maxLength: 20 }).map((text) => text.replace(/[^\x20-\x7e]/g, "").trim()),
    { maxKeys: 3 },
  );
  // What takes in leads and configurations reads most of what is sent.
  const often = operations.filter(({ path }) => /\/(ingest|ping|config|entries)/.test(path));
  return fc.constantFrom(...operations, ...often, ...often, ...often).chain((operation) =>
    fc
      .record({
        caller: callersOf(operation),
        ids: fc.array(ids, { minLength: 4, maxLength: 4 }),
        query: fc.array(
          fc.tuple(
            fc.constantFrom("limit", "cursor", "dry_run", ...operation.settings),
            fc.constantFrom(...HARD_TEXTS, "2", "json", "csv"),
          ),
          { maxLength: 3 },
        ),
        headers,
        sent: bodiesOf(operation, document),
      })
      .map(({ sent: [mediaType, body], ...rest }) => ({ operation, mediaType, body, ...rest })),
  );
}

/** Mostly somebody who may call it. */
function callersOf({ path }: FuzzedOperation): fc.Arbitrary<Caller> {
  const usual: Caller = path.includes("/admin/") ? "admin" : path.includes("/buyer/") ? "buyer" : "supplier";
  return fc.oneof(
    { weight: 8, arbitrary: fc.constant(usual) },
    { weight: 2, arbitrary: fc.constantFrom(...CALLERS) },
  );
}
