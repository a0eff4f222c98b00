import { isEscaped } from "./json-list.ts";

/** How much a JSON text may hold. */
export interface JsonLimits {
  /** Objects and arrays within one another, the outermost counted. */
  maxDepth: number;
  /** Keys in all objects together. */
  maxKeys: number;
  /** Whatever stands under a key or in an array, all together. */
  maxValues: number;
}

/** What is wrong with a JSON text. */
export type JsonFlaw =
  | "malformed"
  | "too_deep"
  | "too_many_keys"
  | "too_many_values"
  | "forbidden_key"
  | "key_twice";

/**
 * Reads JSON (RFC 8259) from someone we don't know. Unlike `JSON.parse`, it refuses an object that names a key twice, of which
 * one would silently be lost, the keys under which an object is tampered with, and what would be long to walk. Keys are counted first:
 * an object of 30,000 in 256 KiB took 46 ms to parse, where most else of that size takes less than 10.
 */
export function readJson(
  text: string,
  limits: JsonLimits,
): { ok: true; value: unknown } | { ok: false; flaw: JsonFlaw } {
  const written = keysWritten(text, limits.maxKeys);
  if (written > limits.maxKeys) return { ok: false, flaw: "too_many_keys" };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, flaw: "malformed" };
  }
  const { keys, flaw } = measureJson(value, limits);
  if (flaw !== undefined) return { ok: false, flaw };
  if (written !== keys) return { ok: false, flaw: "key_twice" };
  return { ok: true, value };
}

/** How many keys a parsed value has, or how it goes beyond the limits; no more of it is walked than it takes to know. */
export function measureJson(value: unknown, limits: JsonLimits): { keys: number; flaw?: JsonFlaw } {
  const size: JsonSize = { keys: 0, values: 0, isForbidden: false };
  const excess = measure(value, 1, limits, size);
  const flaw = excess ?? (size.isForbidden ? "forbidden_key" : undefined);
  return { keys: size.keys, ...(flaw !== undefined && { flaw }) };
}

/** Whether an object is tampered with under this key. */
export function isForbiddenKey(key: string): boolean {
  return key === "__proto__" || key === "constructor" || key === "prototype";
}

interface JsonSize {
  keys: number;
  values: number;
  isForbidden: boolean;
}

/** `JSON.parse` takes any depth in its stride; recursion would not, so it stops at the limit. */
function measure(value: unknown, depth: number, limits: JsonLimits, size: JsonSize): JsonFlaw | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (depth > limits.maxDepth) return "too_deep";
  const keys = Array.isArray(value) ? undefined : Object.keys(value);
  size.keys += keys?.length ?? 0;
  if (size.keys > limits.maxKeys) return "too_many_keys";
  if (keys?.some(isForbiddenKey)) size.isForbidden = true;
  const items: readonly unknown[] = keys === undefined ? (value as unknown[]) : Object.values(value);
  for (const item of items) {
    size.values += 1;
    if (size.values > limits.maxValues) return "too_many_values";
    const flaw = measure(item, depth + 1, limits, size);
    if (flaw !== undefined) return flaw;
  }
  return undefined;
}

/**
 * How many keys the text names, counted to one more than `most`. In valid JSON a string before a colon is a key and a quote only
 * ever opens or closes a string; so where this counts more than the parsed value has, one of them was named twice and silently
 * lost. Searched for and not matched: a regular expression took a second for one string of 5 MiB.
 */
function keysWritten(text: string, most: number): number {
  let keys = 0;
  for (let open = text.indexOf('"'); open !== -1 && keys <= most; ) {
    let close = text.indexOf('"', open + 1);
    while (isEscaped(text, close)) close = text.indexOf('"', close + 1);
    if (close === -1) break;
    let next = close + 1;
    while (BLANKS.has(text.charCodeAt(next))) next += 1;
    if (text[next] === ":") keys += 1;
    open = text.indexOf('"', next);
  }
  return keys;
}

const BLANKS = new Set(Array.from(" \t\n\r", (blank) => blank.charCodeAt(0)));
