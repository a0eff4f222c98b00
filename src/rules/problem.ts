/**
 * What is wrong with a part of the configuration. `path` leads from that part to the place, as in
 * `all[0].any[1].value`, and is empty for the part itself.
 */
export interface Problem {
  readonly path: string;
  readonly message: string;
}

/** The path of `step` below `path`; a number is a place in a list. */
export function below(path: string, step: string | number): string {
  if (typeof step === "number") return `${path}[${step}]`;
  return path === "" ? step : `${path}.${step}`;
}

/** Whether this is a mapping of names to values, as opposed to a list or a plain value. */
export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
