import { invalidFormat, invalidType, outOfRange, type ValueRefusal } from "#fields/types/refusal.ts";
import { isStorable } from "./reader.ts";

const DEEPEST = 8;

/**
 * Why a value that no field describes can't be kept, or nothing: text Postgres would refuse, numbers JSON can't write
 * (1e400 was read as Infinity), `__proto__` as a key, nesting over 8 deep.
 */
export function refusalOfUnmapped(value: unknown, depth = 0): ValueRefusal | undefined {
  if (typeof value === "string") return isStorable(value) ? undefined : invalidFormat;
  if (typeof value === "number") return Number.isFinite(value) ? undefined : outOfRange;
  if (typeof value === "boolean" || value === undefined || value === null) return undefined;
  if (typeof value !== "object") return invalidType;
  if (depth === DEEPEST) return invalidFormat;
  if (Array.isArray(value)) return refusalAmong(value, depth);
  for (const [key, inner] of Object.entries(value)) {
    if (key === "__proto__" || !isStorable(key)) return invalidFormat;
    const refusal = refusalOfUnmapped(inner, depth + 1);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

/** By its items alone: their places as keys, made and checked as texts, took 150 ms for 120,000 items. */
function refusalAmong(items: readonly unknown[], depth: number): ValueRefusal | undefined {
  for (const item of items) {
    const refusal = refusalOfUnmapped(item, depth + 1);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}
