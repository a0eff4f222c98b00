import type { SaleVariables } from "./sale-variables.ts";
import { isWireMapping, type WireValue, wireMapping, wireText } from "./wire-value.ts";
import { escapeXml } from "./xml.ts";

/** A lead as an e-mail without a template tells it: what it is, then a line of each value, under the campaign's own labels. */
interface LeadListing {
  readonly heading: string;
  readonly lines: readonly (readonly [label: string, value: string])[];
}

/** What an e-mail without a template lists; a thin one leaves out what tells of the person. */
export function listingOf(sale: SaleVariables, body: "full" | "thin"): LeadListing {
  const fields = body === "full" ? fieldLines(sale) : [];
  return {
    heading: `${sale.isTest ? "Test lead" : "New lead"} for ${oneTextLine(sale.campaignName)}`,
    lines: [
      ...fields,
      ["Lead", sale.leadId],
      ["Price", `${sale.price} ${sale.currency}`],
      ...(sale.isTest ? [["Test", "yes: nobody is to be called, and nothing is to be paid"] as const] : []),
    ],
  };
}

function fieldLines({ fields, labels }: SaleVariables): [string, string][] {
  return Object.entries(wireMapping(Object.entries(fields))).flatMap(([name, value]) =>
    valuesIn(labels.get(name) ?? name, value),
  );
}

function valuesIn(label: string, value: WireValue): [string, string][] {
  if (!isWireMapping(value)) return [[label, asRead(wireText(value))]];
  return Object.entries(value).flatMap(([inner, member]) => valuesIn(`${label}.${inner}`, member));
}

/** A number of North America as it is written there, and yes or no. */
function asRead(text: string): string {
  if (text === "true") return "yes";
  if (text === "false") return "no";
  const [, area, exchange, line] = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(text) ?? [];
  return area === undefined ? text : `(${area}) ${exchange}-${line}`;
}

/** A second line of a value is indented, or it could pass for another value. */
export function listingText({ heading, lines }: LeadListing): string {
  const values = lines.map(
    ([label, value]) => `${oneTextLine(label)}: ${value.split(LINE_BREAK).map(oneTextLine).join("\n  ")}\n`,
  );
  return `${heading}\n\n${values.join("")}`;
}

export function listingHtml({ heading, lines }: LeadListing): string {
  const rows = lines.map(
    ([label, value]) => `<tr><th align="left">${escapeXml(label)}</th><td>${escapeXml(value)}</td></tr>`,
  );
  return `<p>${escapeXml(heading)}</p>\n<table>\n${rows.join("\n")}\n</table>\n`;
}

/**
 * An e-mail in its other form, for readers that show only that: the table of a listing in HTML, or what HTML says as text. Undefined for a
 * text that is no listing. What is stored is the one form, and so this is made of it when it is sent.
 */
export function otherForm(body: string, form: "text" | "html", isListing: boolean): string | undefined {
  if (form === "html") return textOfHtml(body);
  return isListing ? htmlOfListing(body) : undefined;
}

function htmlOfListing(text: string): string {
  const [heading = "", ...rest] = text.split("\n\n");
  const lines = rest
    .join("\n\n")
    .split(/\n(?! {2})/)
    .filter((line) => line !== "")
    .map((line): [string, string] => {
      const at = line.indexOf(": ");
      return at < 0 ? [line, ""] : [line.slice(0, at), line.slice(at + 2).replaceAll("\n  ", "\n")];
    });
  return listingHtml({ heading, lines });
}

function textOfHtml(html: string): string {
  return html
    .replaceAll(/<\/th>/gi, ": ")
    .replaceAll(/\n/g, " ")
    .replaceAll(/<(?:br|\/p|\/tr|\/div|\/h\d|\/li)\b[^>]*>/gi, "\n")
    .replaceAll(/<[^>]*>/g, "")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll(/&(?:#39|#x27|apos);/g, "'")
    .replaceAll("&amp;", "&")
    .replaceAll(/[ \t]*\n[ \t]*/g, "\n")
    .trim();
}

/** All that some mail program begins a line at. */
const LINE_BREAK = /\r\n|[\n\v\f\r\x85\u2028\u2029]/;

/** A value within a text: in one line, or what stands behind its line break could pass for a line of the template. */
export function oneTextLine(value: string): string {
  return value.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ").toWellFormed();
}
