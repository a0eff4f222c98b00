/**
 * What is wrong with a part of the configuration. `path` leads from that part to the place, as in
 * `all[0].any[1].value`, and is empty for the part itself.
 */
export interface Problem {
  readonly path: string;
  readonly message: string;
}

/** Names and values, as JSON or YAML gives them. */
export type Mapping = Readonly<Record<string, unknown>>;

/** Whether this is a mapping of names to values, as opposed to a list or a plain value. */
export function isMapping(value: unknown): value is Mapping {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The path of `step` below `path`; a number is a place in a list. */
export function joinPath(path: string, step: string | number): string {
  if (typeof step === "number") return `${path}[${step}]`;
  return path === "" ? step : `${path}.${step}`;
}

/** A problem of the part at `path`, as one of the whole that this part belongs to. */
export function prefixed(path: string, problem: Problem): Problem {
  if (problem.path === "") return { path, message: problem.message };
  const place = problem.path.startsWith("[") ? path + problem.path : joinPath(path, problem.path);
  return { path: place, message: problem.message };
}

/** The names in a part of the document that stand for nothing there. */
export function unknownKeys(part: Mapping, known: readonly string[], path: string): Problem[] {
  const message = `is not known here; known ${known.length > 1 ? "are" : "is"} ${known.join(", ")}`;
  return Object.keys(part)
    .filter((key) => !known.includes(key))
    .map((key) => ({ path: joinPath(path, key), message }));
}
