import { replacePlaceholders } from "./placeholder.ts";
import type { TemplateValues } from "./variables.ts";
import { type WireValue, wireText } from "./wire-value.ts";
import { escapeXml } from "./xml.ts";

/** How a body is written. */
export type BodyFormat = "json" | "form" | "xml" | "text";

/**
 * A body that is a text of the operator's, with its placeholders filled in. Values are escaped as the format wants it, so that none can end
 * the place where it stands: in JSON within quotes as a part of a text, outside them as a value of their own type, null when there is none.
 * Braces around no name stand for themselves.
 */
export function fillInBody(text: string, format: BodyFormat, values: TemplateValues): string {
  switch (format) {
    case "json":
      return fillInJson(text, values);
    case "form":
      return replacePlaceholders(text.trim(), values, (value) =>
        encodeURIComponent(plain(value).toWellFormed()),
      );
    case "xml":
      return replacePlaceholders(text.trim(), values, (value) => escapeXml(plain(value)));
    case "text":
      return replacePlaceholders(text, values, (value) => plain(value).replaceAll("\0", "").toWellFormed());
  }
}

function plain(value: WireValue | undefined): string {
  return wireText(value ?? null);
}

function fillInJson(text: string, values: TemplateValues): string {
  let readUpTo = 0;
  let quoted = false;
  return replacePlaceholders(text, values, (value, at) => {
    quoted = isQuotedAfter(text, readUpTo, at, quoted);
    readUpTo = at;
    return quoted
      ? JSON.stringify(plain(value).toWellFormed()).slice(1, -1)
      : JSON.stringify(typeof value === "string" ? value.toWellFormed() : (value ?? null));
  });
}

/** Whether a place in JSON lies within quotes, when it is known for an earlier one. Placeholders hold no quotes. */
function isQuotedAfter(text: string, from: number, to: number, wasQuoted: boolean): boolean {
  let quoted = wasQuoted;
  for (let at = from; at < to; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === '"') quoted = !quoted;
  }
  return quoted;
}
