import { parseDocument, stringify } from "yaml";
import { type JsonFlaw, readJson } from "#text/json.ts";

export type DocumentFormat = "yaml" | "json";

/** The value that a text stands for, or why it stands for none, with the line where it went wrong. */
export type ReadDocument = { ok: true; document: unknown } | { ok: false; message: string };

/** Ten aliases of ten aliases … are a few bytes that unfold to gigabytes: at most so many nodes come from aliases. */
const MAX_ALIASES = 1000;

/** Deeper than any setting stands, and more than 5 MiB can hold. */
const JSON_LIMITS = { maxDepth: 100, maxKeys: 2_000_000 };

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

function readJsonDocument(text: string): ReadDocument {
  const read = readJson(text, JSON_LIMITS);
  return read.ok ? { ok: true, document: read.value } : { ok: false, message: JSON_FLAWS[read.flaw] };
}

const JSON_FLAWS: Record<JsonFlaw, string> = {
  malformed: "the document is not well-formed JSON",
  too_deep: "the document is nested too deep",
  too_many_keys: "the document has too many names",
  forbidden_key: "the document has a name that is not allowed: __proto__, constructor or prototype",
  key_twice: "the document has the same name twice in one mapping",
};

function readYaml(text: string): ReadDocument {
  const parsed = parseDocument(text, { stringKeys: true, prettyErrors: true, logLevel: "error" });
  const [error] = [...parsed.errors, ...parsed.warnings];
  if (error !== undefined) {
    // The message goes on with an excerpt of the text, which may hold anything.
    const [first = ""] = error.message.split("\n");
    return { ok: false, message: `the document is not well-formed YAML: ${first.replace(/:$/, "")}` };
  }
  try {
    return { ok: true, document: parsed.toJS({ maxAliasCount: MAX_ALIASES }) };
  } catch (thrown) {
    // Aliases are followed only here; these are the two things that can be wrong with them.
    if (!(thrown instanceof ReferenceError)) throw thrown;
    const isUnset = thrown.message.startsWith("Unresolved alias");
    const what = isUnset
      ? "an alias stands for an anchor that is not set before it"
      : "its aliases unfold to too much";
    return { ok: false, message: `the document is not well-formed YAML: ${what}` };
  }
}
