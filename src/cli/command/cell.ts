import { inlineYaml } from "#configuration/document-text.ts";
import { oneLine } from "#text/one-line.ts";
import { isMapping } from "#text/problem.ts";

/** More of a text belongs on no line. */
const LONGEST = 2_000;

/** A value of an answer, as a line shows it: times to the second, nothing that a terminal would obey. */
export function cellText(value: unknown): string {
  if (value === null || value === undefined || value === "") return "-";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "string") return oneLine(value.replace(INSTANT, "$1Z"), LONGEST);
  if (Array.isArray(value) && value.every((each) => typeof each === "string"))
    return cellText(value.join(", "));
  if (Array.isArray(value) || isMapping(value)) return oneLine(inlineYaml(value), LONGEST);
  return JSON.stringify(value);
}

const INSTANT = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.\d+Z$/;
