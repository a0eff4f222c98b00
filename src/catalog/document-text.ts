import { parseDocument, stringify } from "yaml";

export type DocumentFormat = "yaml" | "json";

/** The value that a text stands for, or why it stands for none, with the line where it went wrong. */
export type ReadDocument = { ok: true; document: unknown } | { ok: false; message: string };

/** Ten aliases of ten aliases … are a few bytes that unfold to gigabytes: at most so many nodes come from aliases. */
const MAX_ALIASES = 1000;

/** Reads YAML 1.2 or JSON. Names that come twice in one mapping are an error in YAML; JSON takes the last. */
export function readDocument(text: string, format: DocumentFormat): ReadDocument {
  switch (format) {
    case "json":
      return readJson(text);
    case "yaml":
      return readYaml(text);
  }
}

/** The document as operators keep it: YAML in the contract's order, as they wrote it and with the ids that were made. */
export function writeYaml(document: unknown): string {
  return stringify(document, { lineWidth: 100, aliasDuplicateObjects: false });
}

function readJson(text: string): ReadDocument {
  try {
    return { ok: true, document: JSON.parse(text) };
  } catch {
    return { ok: false, message: "the document is not well-formed JSON" };
  }
}

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
