/** How much a JSON text may hold. */
export interface JsonLimits {
  /** Objects and arrays within one another, the outermost counted. */
  maxDepth: number;
  /** Keys in all objects together. */
  maxKeys: number;
}

/** What is wrong with a JSON text. */
export type JsonFlaw = "malformed" | "too_deep" | "too_many_keys" | "forbidden_key" | "key_twice";

/**
 * Reads JSON (RFC 8259) from someone we don't know. Unlike `JSON.parse`, it refuses an object that names a key twice, of which
 * one would silently be lost, the keys under which an object is tampered with, and what would be long to walk.
 */
export function readJson(
  text: string,
  { maxDepth, maxKeys }: JsonLimits,
): { ok: true; value: unknown } | { ok: false; flaw: JsonFlaw } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, flaw: "malformed" };
  }
  const shape = { keys: 0, tooDeep: false, forbidden: false };
  measure(value, 1, maxDepth, shape);
  if (shape.tooDeep) return { ok: false, flaw: "too_deep" };
  if (shape.keys > maxKeys) return { ok: false, flaw: "too_many_keys" };
  if (shape.forbidden) return { ok: false, flaw: "forbidden_key" };
  if (keysWritten(text) !== shape.keys) return { ok: false, flaw: "key_twice" };
  return { ok: true, value };
}

/** Whether an object is tampered with under this key. */
export function isForbiddenKey(key: string): boolean {
  return key === "__proto__" || key === "constructor" || key === "prototype";
}

interface JsonSize {
  keys: number;
  tooDeep: boolean;
  forbidden: boolean;
}

/** `JSON.parse` takes any depth in its stride; recursion would not, so it stops at the limit. */
function measure(value: unknown, depth: number, maxDepth: number, shape: JsonSize): void {
  if (typeof value !== "object" || value === null) return;
  if (depth > maxDepth) {
    shape.tooDeep = true;
    return;
  }
  if (Array.isArray(value)) {
    for (const item of value) measure(item, depth + 1, maxDepth, shape);
    return;
  }
  for (const [key, item] of Object.entries(value)) {
    shape.keys += 1;
    if (isForbiddenKey(key)) shape.forbidden = true;
    measure(item, depth + 1, maxDepth, shape);
  }
}

/**
 * How many keys the text names. In valid JSON a string before a colon is a key and a quote only ever opens or closes a
 * string; so where this counts more than the parsed value has, one of them was named twice and silently lost.
 * Searched for and not matched: a regular expression took a second for one string of 5 MiB.
 */
function keysWritten(text: string): number {
  let keys = 0;
  for (let open = text.indexOf('"'); open !== -1; ) {
    let close = text.indexOf('"', open + 1);
    while (isEscaped(text, close)) close = text.indexOf('"', close + 1);
    let next = close + 1;
    while (BLANKS.has(text.charCodeAt(next))) next += 1;
    if (text[next] === ":") keys += 1;
    open = text.indexOf('"', next);
  }
  return keys;
}

const BLANKS = new Set(Array.from(" \t\n\r", (blank) => blank.charCodeAt(0)));

/** An odd number of backslashes before it: an even one escapes itself. */
function isEscaped(text: string, quote: number): boolean {
  let first = quote;
  while (text[first - 1] === "\\") first -= 1;
  return (quote - first) % 2 === 1;
}
