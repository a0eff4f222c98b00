import { isSaleName, type SaleFacts, saleValue } from "./sale.ts";
import { type WireValue, wireText, wireValue } from "./wire-value.ts";

/** Doubled braces, a placeholder, or a brace that is neither. */
const MARK = /\{\{|\}\}|\{((?:fields\.)?[a-z][a-z0-9_]{0,63})\}|[{}]/g;
const ALONE = /^\{((?:fields\.)?[a-z][a-z0-9_]{0,63})\}$/;

/**
 * Fills in a template's text. `{name}` alone keeps the value's own type and is undefined when there is no value; within
 * other text the value is written as text, and one that is missing as nothing. `{{` and `}}` stand for braces.
 */
export function fillIn(text: string, sale: SaleFacts): WireValue | undefined {
  const alone = ALONE.exec(text)?.[1];
  return alone === undefined ? fillInText(text, sale, (value) => value) : namedValue(alone, sale);
}

/** As text, whatever is in it; `written` says how a value is escaped. */
export function fillInText(text: string, sale: SaleFacts, written: (value: string) => string): string {
  return text.replace(MARK, (mark, name: string | undefined) => {
    if (name !== undefined) return written(wireText(namedValue(name, sale) ?? null));
    return mark.slice(0, 1);
  });
}

/** The value that a name stands for. Null counts as missing: a lead's field without a value may be either. */
export function namedValue(name: string, sale: SaleFacts): WireValue | undefined {
  return wireValue(saleValue(sale, name)) ?? undefined;
}

/** What is wrong with a text, as ends of sentences: "must …". */
export function placeholderProblems(text: string, knownFields: ReadonlySet<string> | undefined): string[] {
  const marks = [...text.matchAll(MARK)];
  const problems = marks
    .flatMap(([, name]) => (name === undefined || isSaleName(name, knownFields) ? [] : [name]))
    .map((name) => `names {${name}}, which is neither a field nor a value of the sale`);
  if (marks.some(([mark]) => mark === "{" || mark === "}")) {
    problems.push("has a brace that belongs to no {name}; for a brace itself write {{ or }}");
  }
  return problems;
}
