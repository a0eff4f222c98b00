import { isStorable } from "#fields/reader.ts";
import { isMapping, joinPath } from "#text/problem.ts";
import type { DocumentProblem } from "./schema-problems.ts";

/** The document's own deepest part is a filter in a contract: 20 levels or so. */
const MAX_DEPTH = 40;

/**
 * Values that JSON or YAML can give and the database cannot keep: text with NUL or half a surrogate pair, numbers that are
 * not finite, nesting without end. It is looked at first, so that everything after may recurse.
 */
export function unstorableProblems(document: unknown): DocumentProblem[] {
  const problems: DocumentProblem[] = [];
  visit(document, "", 0, problems);
  return problems;
}

function visit(value: unknown, path: string, depth: number, problems: DocumentProblem[]): void {
  if (depth > MAX_DEPTH) {
    problems.push({ path, code: "not_allowed", message: `must not be nested more than ${MAX_DEPTH} deep` });
  } else if (typeof value === "string") {
    if (!isStorable(value)) {
      problems.push({
        path,
        code: "invalid_format",
        message: "must not hold characters that cannot be stored",
      });
    }
  } else if (typeof value === "number") {
    if (!Number.isFinite(value)) {
      problems.push({ path, code: "out_of_range", message: "must be a number that is not infinite" });
    }
  } else if (Array.isArray(value)) {
    for (const [index, entry] of value.entries()) visit(entry, joinPath(path, index), depth + 1, problems);
  } else if (isMapping(value)) {
    for (const [name, entry] of Object.entries(value)) {
      if (!isStorable(name)) {
        problems.push({ path, code: "invalid_format", message: "must not hold names that cannot be stored" });
      } else {
        visit(entry, joinPath(path, name), depth + 1, problems);
      }
    }
  } else if (value !== null && typeof value !== "boolean") {
    problems.push({
      path,
      code: "invalid_type",
      message: "must be a text, number, true or false, list or mapping",
    });
  }
}
