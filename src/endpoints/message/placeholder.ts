import { nearest } from "#text/did-you-mean.ts";
import { EXTENSION, FORMATS, type Format, type ValueKind } from "./formats.ts";
import type { TemplateValues, VariableNames } from "./variables.ts";
import { type WireValue, wireText, wireValue } from "./wire-value.ts";

const NAME = /(?:fields\.|ping\.|check\.[a-z][a-z0-9_]{0,31}\.)?[a-z][a-z0-9_]{0,63}/.source;
const PLACEHOLDER = `\\{(${NAME})((?:\\|[^{}|]*)*)\\}`;
/** Doubled braces, a placeholder with its filters, or a brace that is neither. */
const MARK = new RegExp(`\\{\\{|\\}\\}|${PLACEHOLDER}|[{}]`, "g");
const NAMED = new RegExp(PLACEHOLDER, "g");
const ALONE = new RegExp(`^${PLACEHOLDER}$`);
const MOST_FILTERS = 10;
/** Placeholders and filters of one body: with texts of 10,000 characters these take some 25 ms, for which every request waits. */
const MOST_FILLINGS = 1000;

/**
 * Fills in a template's text. `{name}` alone keeps the value's own type and is undefined when there is no value; within
 * other text the value is written as text, and one that is missing as nothing. `{name|filter:argument}` writes it in another form.
 * `{{` and `}}` stand for braces.
 */
export function fillIn(text: string, values: TemplateValues): WireValue | undefined {
  const [, name, filters] = ALONE.exec(text) ?? [];
  return name === undefined
    ? fillInText(text, values, (value) => value)
    : formattedValue(name, filters, values);
}

/** The same, always as text; `written` escapes a value. */
export function fillInText(text: string, values: TemplateValues, written: (value: string) => string): string {
  return text.replace(MARK, (mark, name: string | undefined, filters: string | undefined) => {
    if (name !== undefined) return written(wireText(formattedValue(name, filters, values) ?? null));
    return mark.slice(0, 1);
  });
}

/** A text in stretches: the placeholders and doubled braces in it, and what stands between them. */
export function splitAtPlaceholders(text: string): { text: string; isMark: boolean }[] {
  let end = 0;
  const stretches = [...text.matchAll(MARK)].flatMap(({ 0: mark, index }) => {
    if (mark === "{" || mark === "}") return [];
    const before = text.slice(end, index);
    end = index + mark.length;
    return [
      { text: before, isMark: false },
      { text: mark, isMark: true },
    ];
  });
  return [...stretches, { text: text.slice(end), isMark: false }];
}

/** The same for a text in which braces stand for themselves; `written` escapes the value that stands at a place of the text. */
export function replacePlaceholders(
  text: string,
  values: TemplateValues,
  written: (value: WireValue | undefined, at: number) => string,
): string {
  return text.replace(NAMED, (_, name: string, filters: string | undefined, at: number) =>
    written(formattedValue(name, filters, values), at),
  );
}

/** Finds what is wrong with the placeholders of such a text. A short word in braces is taken for one that was meant. */
export function bodyPlaceholderProblems(text: string, known: VariableNames): string[] {
  const tooMany = fillingsProblem([text]);
  if (tooMany !== undefined) return [tooMany];
  const problems = [...text.matchAll(NAMED)].flatMap(([, name = "", filters]) =>
    namedProblems(name, filters, known),
  );
  const [meantAs] = text.replace(NAMED, "").match(/\{ *[A-Za-z][\w.]{0,63} *(?:\|[^{}"\n]{0,64})?\}/) ?? [];
  return meantAs === undefined
    ? problems
    : [...problems, `has ${meantAs}, which is no placeholder: names are in lower case, without blanks`];
}

/** What is wrong with all texts of a body together; undefined: nothing. */
export function fillingsProblem(texts: readonly string[]): string | undefined {
  const count = texts.reduce((sum, text) => sum + fillingsIn(text), 0);
  const most = MOST_FILLINGS.toLocaleString("en");
  return count > MOST_FILLINGS ? `must have at most ${most} placeholders and filters together` : undefined;
}

function fillingsIn(text: string): number {
  return [...text.matchAll(NAMED)].reduce((sum, [mark]) => sum + mark.split("|").length, 0);
}

/** The value that a name stands for. Null counts as missing: a lead's field without a value may be either. */
export function namedValue(name: string, values: TemplateValues): WireValue | undefined {
  return wireValue(values.of(name)) ?? undefined;
}

/** Finds what is wrong with a text, as ends of sentences: "must …". */
export function placeholderProblems(text: string, known: VariableNames): string[] {
  const tooMany = fillingsProblem([text]);
  if (tooMany !== undefined) return [tooMany];
  const marks = [...text.matchAll(MARK)];
  const problems = marks.flatMap(([, name, filters]) =>
    name === undefined ? [] : namedProblems(name, filters, known),
  );
  if (marks.some(([mark]) => mark === "{" || mark === "}")) {
    problems.push("has a brace that belongs to no {name}; for a brace itself write {{ or }}");
  }
  return problems;
}

function formattedValue(
  name: string,
  filters: string | undefined,
  values: TemplateValues,
): WireValue | undefined {
  if (!filters) return namedValue(name, values);
  const steps = stepsOf(filters);
  if (steps[0]?.filter === EXTENSION) {
    const extension = namedValue(`${name}_${EXTENSION}`, values) ?? "";
    return applied(steps.slice(1), extension, values.timezone);
  }
  return applied(steps, namedValue(name, values), values.timezone);
}

function applied(
  steps: readonly Step[],
  value: WireValue | undefined,
  timezone: string,
): WireValue | undefined {
  return steps.reduce(
    (current, { format, argument = "" }) => format?.apply(current, argument, timezone),
    value,
  );
}

/** One filter of a placeholder, as it is written. */
interface Step {
  readonly filter: string;
  /** Undefined: there is no such filter. */
  readonly format: Format | undefined;
  readonly argument: string | undefined;
}

function stepsOf(filters: string): Step[] {
  return filters
    .slice(1)
    .split("|")
    .map((step) => {
      const colon = step.indexOf(":");
      const filter = colon < 0 ? step : step.slice(0, colon);
      return { filter, format: FORMATS.get(filter), argument: colon < 0 ? undefined : step.slice(colon + 1) };
    });
}

function namedProblems(name: string, filters: string | undefined, known: VariableNames): string[] {
  const kinds = known.kindsOf(name);
  if (kinds === undefined) {
    const what = `names {${name}}, which is neither a field nor a value of the ${known.of}`;
    return [what + meant(name, known.names, (nearby) => `{${nearby}}`)];
  }
  if (!filters) return [];
  const steps = stepsOf(filters);
  if (steps.length > MOST_FILTERS) return [`has more than ${MOST_FILTERS} filters behind {${name}}`];
  // A field may have another type in another campaign of the buyer.
  return [...new Set(kinds.flatMap((kind) => stepProblem(name, kind, steps) ?? []))];
}

/** The first that is wrong with the filters behind a name that stands for this kind of value. */
function stepProblem(name: string, given: ValueKind, steps: readonly Step[]): string | undefined {
  let kind = given;
  for (const [index, { filter, format, argument }] of steps.entries()) {
    const place = `the filter |${filter.slice(0, 64)} behind {${name}}`;
    if (format === undefined) {
      return `has ${place}, which is not known${meant(filter, [...FORMATS.keys()], (nearby) => nearby)}`;
    }
    if (format.fits !== undefined && kind !== "any" && !format.fits.includes(kind)) {
      const found = index === 0 ? `is of type ${kind}` : "is a text by then";
      return `has ${place}, which is for the type ${format.fits.join(" or ")}: the value ${found}`;
    }
    const wrong = format.argumentProblem(argument, kind);
    if (wrong !== undefined) return `has ${place}, which ${wrong}`;
    if (format.givesText) kind = "text";
  }
  return undefined;
}

function meant(name: string, names: readonly string[], shown: (name: string) => string): string {
  const nearby = nearest(name, names);
  return nearby === undefined ? "" : `; did you mean ${shown(nearby)}?`;
}
