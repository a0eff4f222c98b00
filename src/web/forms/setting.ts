/** A part of the configuration as JSON, while it is being changed. */
export type Part = Readonly<Record<string, unknown>>;

interface Choice {
  value: string;
  label: string;
}

/** How one setting is typed in. What cannot be read stays as it was typed: the server says what is wrong with it. */
export interface Setting {
  /** Its place in the part, such as `margin.percent`. */
  path: string;
  label: string;
  about?: string;
  kind: "text" | "count" | "amount" | "percent" | "states" | "zone" | "flag" | readonly Choice[];
  /** What holds while nothing is said. */
  otherwise: string;
  /** Whether it has a meaning beside the other settings; otherwise always. */
  appliesTo?(part: Part): boolean;
}

/** What a part says at a place; undefined: nothing. */
export function valueAt(part: Part, path: string): unknown {
  return path.split(".").reduce<unknown>((at, name) => (isPart(at) ? at[name] : undefined), part);
}

/** A part with another value at a place; undefined takes it away, and what is empty then. */
export function withValue(part: Part, path: string, value: unknown): Part {
  const [name = "", ...rest] = path.split(".");
  const { [name]: before, ...others } = part;
  if (rest.length === 0) return value === undefined ? others : { ...part, [name]: value };
  const within = withValue(isPart(before) ? before : {}, rest.join("."), value);
  return Object.keys(within).length === 0 ? others : { ...part, [name]: within };
}

function isPart(value: unknown): value is Part {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What is typed for a setting, as the document has it; undefined: nothing is said. */
export function readTyped({ kind }: Pick<Setting, "kind">, typed: string): unknown {
  const text = typed.trim();
  if (text === "") return undefined;
  if (kind === "count") return /^\d+$/.test(text) ? Number(text) : text;
  if (kind === "states") {
    return text
      .split(/[\s,]+/)
      .filter((word) => word !== "")
      .map((word) => word.toUpperCase());
  }
  return kind === "flag" ? text === "true" : kind === "text" || kind === "zone" ? typed : text;
}

/** A value of the document, as it is typed. */
export function typedOf(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (Array.isArray(value)) return value.map(typedOf).join(", ");
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** What is different at the top of a part, as a merge patch (RFC 7396): null takes a setting back to its default. */
export function mergePatchOf(before: Part, after: Part): Part {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return Object.fromEntries(
    [...names]
      .filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
      .map((name) => [name, patched(before[name], after[name])]),
  );
}

function patched(before: unknown, after: unknown): unknown {
  if (after === undefined) return null;
  return isPart(before) && isPart(after) ? mergePatchOf(before, after) : after;
}
