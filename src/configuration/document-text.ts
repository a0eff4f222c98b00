import { type Document, isScalar, Lexer, LineCounter, parseDocument, stringify, visit } from "yaml";
import { type PlaceOf, placesIn } from "#configuration/problems/yaml-places.ts";
import { type JsonFlaw, measureJson, readJson } from "#text/json.ts";

export type DocumentFormat = "yaml" | "json";

/** The value that a text stands for, or why it stands for none, with the line where it went wrong. */
export type ReadDocument =
  | { ok: true; document: unknown; placeOf?: PlaceOf }
  | { ok: false; flaw: "malformed" | "too_large"; message: string };

/** Deeper than any setting stands, and more than any installation has configured. */
const JSON_LIMITS = { maxDepth: 100, maxKeys: 100_000, maxValues: 200_000 };

/**
 * What a YAML text may be, before it is parsed: parsing takes some 3 µs for each mark, all other requests wait, and 1 MiB can hold
 * a million. Each alias is looked for among all anchors. JSON takes a twentieth of that.
 */
const YAML_LIMITS = { maxBytes: 1024 * 1024, maxMarks: 300_000, maxAliases: 5000 };

/** Reads YAML 1.2 or JSON. A name that comes twice in one mapping is an error: what the first says would be left out, and so archived. */
export function readDocument(text: string, format: DocumentFormat): ReadDocument {
  switch (format) {
    case "json":
      return readJsonDocument(text);
    case "yaml":
      return readYaml(text);
  }
}

/** The document as operators keep it: YAML in the contract's order, as they wrote it and with the ids that were made. */
export function writeYaml(document: unknown): string {
  return stringify(document, { lineWidth: 100, aliasDuplicateObjects: false });
}

/** A value in one line of YAML: `{ day: { leads: 100 } }`. */
export function inlineYaml(value: unknown): string {
  return stringify(value, { collectionStyle: "flow", lineWidth: 0, flowCollectionPadding: true }).trimEnd();
}

function readJsonDocument(text: string): ReadDocument {
  if (text.trim() === "") return EMPTY;
  const read = readJson(text, JSON_LIMITS);
  return read.ok ? { ok: true, document: read.value } : refusedFor(read.flaw);
}

function refusedFor(flaw: JsonFlaw): ReadDocument {
  return { ok: false, ...JSON_FLAWS[flaw] };
}

const JSON_FLAWS: Record<JsonFlaw, { flaw: "malformed" | "too_large"; message: string }> = {
  malformed: { flaw: "malformed", message: "the document is not well-formed JSON" },
  too_deep: { flaw: "malformed", message: "the document is nested too deep" },
  too_many_keys: {
    flaw: "too_large",
    message: `the document has more than ${JSON_LIMITS.maxKeys} names`,
  },
  too_many_values: {
    flaw: "too_large",
    message: `the document has more than ${JSON_LIMITS.maxValues} values`,
  },
  forbidden_key: {
    flaw: "malformed",
    message: "the document has a name that is not allowed: __proto__, constructor or prototype",
  },
  key_twice: { flaw: "malformed", message: "the document has the same name twice in one mapping" },
};

function readYaml(text: string): ReadDocument {
  const excess =
    Buffer.byteLength(text) > YAML_LIMITS.maxBytes
      ? `YAML may be ${YAML_LIMITS.maxBytes} bytes long; send a larger document as JSON`
      : excessOfMarks(new Lexer().lex(text), YAML_LIMITS);
  if (excess !== undefined) return { ok: false, flaw: "too_large", message: excess };
  const lines = new LineCounter();
  // Its own search for twice-named keys compares each with all before it; its pretty errors copy a line for each error.
  const parsed = parseDocument(text, {
    stringKeys: true,
    prettyErrors: false,
    uniqueKeys: false,
    logLevel: "error",
    lineCounter: lines,
  });
  const [error] = [...parsed.errors, ...parsed.warnings];
  if (error !== undefined) return malformedYaml(`${error.message}${placeOf(error.pos[0], lines)}`);
  const twice = offsetOfKeyTwice(parsed);
  if (twice !== undefined) return malformedYaml(`Map keys must be unique${placeOf(twice, lines)}`);
  if (parsed.contents === null || (isScalar(parsed.contents) && parsed.contents.value === null)) return EMPTY;
  const read = documentOf(parsed);
  return read.ok ? { ...read, placeOf: placesIn(parsed, lines) } : read;
}

const EMPTY: ReadDocument = {
  ok: false,
  flaw: "malformed",
  message: "the document is empty: it begins with version: 1, and leadgate init writes one to start from",
};

function malformedYaml(what: string): ReadDocument {
  return { ok: false, flaw: "malformed", message: `the document is not well-formed YAML: ${what}` };
}

function placeOf(offset: number, lines: LineCounter): string {
  if (offset < 0) return "";
  const { line, col } = lines.linePos(offset);
  return ` at line ${line}, column ${col}`;
}

/** How the marks of a YAML text go beyond what is parsed; no more of them are made than it takes to know. */
export function excessOfMarks(
  marks: Iterable<string>,
  { maxMarks, maxAliases }: { maxMarks: number; maxAliases: number },
): string | undefined {
  let count = 0;
  let aliases = 0;
  for (const mark of marks) {
    count += 1;
    if (count > maxMarks) {
      return `YAML may have ${maxMarks} names, values, signs, spaces and line breaks; send a larger document as JSON`;
    }
    if (mark.startsWith("*")) aliases += 1;
    if (aliases > maxAliases) return `YAML may have ${maxAliases} aliases`;
  }
  return undefined;
}

/** Where a mapping names a key that it has named before: of the two, one would silently be lost. */
export function offsetOfKeyTwice(parsed: Document.Parsed): number | undefined {
  let offset: number | undefined;
  visit(parsed, {
    Map(_, map) {
      const names = new Set<unknown>();
      for (const { key } of map.items) {
        const name = isScalar(key) ? key.value : key;
        if (names.has(name)) {
          offset = isScalar(key) ? (key.range?.[0] ?? -1) : -1;
          return visit.BREAK;
        }
        names.add(name);
      }
      return undefined;
    },
  });
  return offset;
}

/** The value with its aliases followed, each standing for one and the same value; no larger than JSON may be. */
function documentOf(parsed: Document.Parsed): ReadDocument {
  let document: unknown;
  try {
    // The library's own bound looks through the whole document for each alias that an anchor holds.
    document = parsed.toJS({ maxAliasCount: -1 });
  } catch (thrown) {
    if (!(thrown instanceof ReferenceError)) throw thrown;
    return malformedYaml("an alias stands for an anchor that is not set before it");
  }
  // Ten aliases of ten aliases … are a few bytes that unfold to gigabytes: they are measured as they unfold.
  const { flaw } = measureJson(document, JSON_LIMITS);
  if (flaw === "too_deep") return refusedFor(flaw);
  return flaw === "too_many_keys" || flaw === "too_many_values"
    ? malformedYaml("its aliases unfold to too much")
    : { ok: true, document };
}
