/** What stands in `{ "name": [ … ] }`, an element a text, none of them parsed. */
export type ListTexts =
  | { ok: true; texts: string[] }
  | { ok: false; flaw: "malformed" | "too_many" | "too_long" };

/** How many elements a list may have, and how many characters each of them. */
export interface ListLimits {
  most: number;
  longest: number;
}

/**
 * Takes a JSON text apart that is an object with one list and nothing else. It only looks for strings and brackets, where parsing 1 MiB
 * took up to 400 ms: each element can then be parsed by itself, within its own limits and when its turn has come. Whether it is JSON is
 * found out then. `turn` is awaited after each element, for others to have theirs: 2 MiB of short keys took 200 ms on a busy machine.
 */
export async function textsInList(
  text: string,
  name: string,
  { most, longest }: ListLimits,
  turn: (characters: number) => Promise<void>,
): Promise<ListTexts> {
  const opening = new RegExp(`^\\s*\\{\\s*"${name}"\\s*:\\s*\\[`).exec(text);
  if (opening === null) return MALFORMED;
  const texts: string[] = [];
  let start = opening[0].length;
  for (;;) {
    const end = endOfElement(text, start, longest);
    if (typeof end !== "number") return { ok: false, flaw: end };
    const element = text.slice(start, end);
    const isLast = text.charCodeAt(end) !== COMMA;
    const isEmptyList = isLast && texts.length === 0 && element.trim() === "";
    if (!isEmptyList) texts.push(element);
    if (texts.length > most) return { ok: false, flaw: "too_many" };
    if (isLast) return /^\]\s*\}\s*$/.test(text.slice(end)) ? { ok: true, texts } : MALFORMED;
    await turn(element.length);
    start = end + 1;
  }
}

/** The place of the comma or bracket behind the element that begins at `start`. */
function endOfElement(text: string, start: number, longest: number): number | "malformed" | "too_long" {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const mark = text.charCodeAt(at);
    if (mark === QUOTE) {
      const close = endOfString(text, at, longest);
      if (close === undefined) return text.length - at > longest ? "too_long" : "malformed";
      at = close;
    } else if (OPENING.has(mark)) depth += 1;
    else if (depth > 0 && CLOSING.has(mark)) depth -= 1;
    else if (depth === 0 && (mark === COMMA || CLOSING.has(mark))) return at;
    if (at - start > longest) return "too_long";
  }
  return "malformed";
}

const MALFORMED = { ok: false, flaw: "malformed" } as const;

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPENING = new Set([0x5b, 0x7b]);
const CLOSING = new Set([0x5d, 0x7d]);

/** The place of the quote that closes the string which opens at `open`; undefined when none does, or it is too far. */
function endOfString(text: string, open: number, longest: number): number | undefined {
  let close = text.indexOf('"', open + 1);
  while (close !== -1 && close - open <= longest && isEscaped(text, close))
    close = text.indexOf('"', close + 1);
  return close === -1 || close - open > longest ? undefined : close;
}

/** An odd number of backslashes before it: an even one escapes itself. */
export function isEscaped(text: string, quote: number): boolean {
  let first = quote;
  while (text[first - 1] === "\\") first -= 1;
  return (quote - first) % 2 === 1;
}
