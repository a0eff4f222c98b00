import type { ValueOf, VariableNames } from "./variables.ts";
import { type WireValue, wireText, wireValue } from "./wire-value.ts";

/** Doubled braces, a placeholder, or a brace that is neither. */
const MARK = /\{\{|\}\}|\{((?:fields\.|ping\.)?[a-z][a-z0-9_]{0,63})\}|[{}]/g;
const ALONE = /^\{((?:fields\.|ping\.)?[a-z][a-z0-9_]{0,63})\}$/;

/**
 * Fills in a template's text. `{name}` alone keeps the value's own type and is undefined when there is no value; within
 * other text the value is written as text, and one that is missing as nothing. `{{` and `}}` stand for braces.
 */
export function fillIn(text: string, valueOf: ValueOf): WireValue | undefined {
  const alone = ALONE.exec(text)?.[1];
  return alone === undefined ? fillInText(text, valueOf, (value) => value) : namedValue(alone, valueOf);
}

/** The same, always as text; `written` escapes a value. */
export function fillInText(text: string, valueOf: ValueOf, written: (value: string) => string): string {
  return text.replace(MARK, (mark, name: string | undefined) => {
    if (name !== undefined) return written(wireText(namedValue(name, valueOf) ?? null));
    return mark.slice(0, 1);
  });
}

/** The value that a name stands for. Null counts as missing: a lead's field without a value may be either. */
export function namedValue(name: string, valueOf: ValueOf): WireValue | undefined {
  return wireValue(valueOf(name)) ?? undefined;
}

/** Finds what is wrong with a text, as ends of sentences: "must …". */
export function placeholderProblems(text: string, known: VariableNames): string[] {
  const marks = [...text.matchAll(MARK)];
  const problems = marks
    .flatMap(([, name]) => (name === undefined || known.has(name) ? [] : [name]))
    .map((name) => `names {${name}}, which is neither a field nor a value of the ${known.of}`);
  if (marks.some(([mark]) => mark === "{" || mark === "}")) {
    problems.push("has a brace that belongs to no {name}; for a brace itself write {{ or }}");
  }
  return problems;
}
