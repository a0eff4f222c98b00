/** What stands in `{ "name": [ … ] }`, an element a text, none of them parsed. */
export type ListTexts = { ok: true; texts: string[] } | { ok: false; flaw: "malformed" | "too_many" };

/**
 * Takes a JSON text apart that is an object with one list and nothing else. It only looks for strings and brackets, a few ms for 2 MiB,
 * where parsing 1 MiB took up to 400: each element can then be parsed by itself, within its own limits and when its turn has come. Whether
 * it is JSON is found out then.
 */
export function textsInList(text: string, name: string, most: number): ListTexts {
  const opening = new RegExp(`^\\s*\\{\\s*"${name}"\\s*:\\s*\\[`).exec(text);
  if (opening === null) return MALFORMED;
  const texts: string[] = [];
  let start = opening[0].length;
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const mark = text.charCodeAt(at);
    if (mark === QUOTE) {
      at = endOfString(text, at);
      if (at === -1) return MALFORMED;
    } else if (OPENING.has(mark)) depth += 1;
    else if (depth > 0 && CLOSING.has(mark)) depth -= 1;
    else if (depth === 0 && (mark === COMMA || CLOSING.has(mark))) {
      const element = text.slice(start, at);
      const isEnd = mark !== COMMA;
      const isEmptyList = isEnd && texts.length === 0 && element.trim() === "";
      if (!isEmptyList) texts.push(element);
      if (texts.length > most) return { ok: false, flaw: "too_many" };
      if (isEnd) return /^\]\s*\}\s*$/.test(text.slice(at)) ? { ok: true, texts } : MALFORMED;
      start = at + 1;
    }
  }
  return MALFORMED;
}

const MALFORMED = { ok: false, flaw: "malformed" } as const;

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPENING = new Set([0x5b, 0x7b]);
const CLOSING = new Set([0x5d, 0x7d]);

/** The place of the quote that closes the string which opens at `open`; -1 when none does. */
function endOfString(text: string, open: number): number {
  let close = text.indexOf('"', open + 1);
  while (close !== -1 && isEscaped(text, close)) close = text.indexOf('"', close + 1);
  return close;
}

/** An odd number of backslashes before it: an even one escapes itself. */
export function isEscaped(text: string, quote: number): boolean {
  let first = quote;
  while (text[first - 1] === "\\") first -= 1;
  return (quote - first) % 2 === 1;
}
