import { isMapping, joinPath, type Mapping, type Problem } from "#text/problem.ts";
import { fillIn, fillingsProblem, namedValue, placeholderProblems } from "./placeholder.ts";
import type { TemplateValues, VariableNames } from "./variables.ts";
import { type WireMapping, type WireValue, wireText } from "./wire-value.ts";
import { CONTENT, isXmlMember } from "./xml.ts";

/**
 * A body in the buyer's own words: names, nested mappings and lists, constants, texts with `{name}` in them, and value maps
 * such as `{ $from: case_type, $map: { auto: 1, slip: 2 }, $otherwise: 0 }`.
 */
export interface Template {
  readonly [name: string]: TemplatePart;
}
type TemplatePart = null | boolean | number | string | readonly TemplatePart[] | Template;

const MAX_DEPTH = 8;
const MAX_PARTS = 500;
const MAX_TEXT_LENGTH = 4000;

/**
 * The template's body for one sale or ping. A member that consists of nothing but a missing value is left out, because form and XML
 * know no null and buyers' JSON checks refuse a null more often than a missing name; in a list it is null, so that
 * the others keep their places.
 */
export function render(template: Template, values: TemplateValues): WireMapping {
  const members = Object.entries(template).flatMap(([name, part]) => {
    const value = renderPart(part, values);
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(members);
}

function renderPart(part: TemplatePart, values: TemplateValues): WireValue | undefined {
  if (typeof part === "string") return fillIn(part, values);
  if (typeof part !== "object" || part === null) return part;
  if (isList(part)) return part.map((item) => renderPart(item, values) ?? null);
  return Object.hasOwn(part, "$from") ? mappedValue(part, values) : render(part, values);
}

function isList(part: readonly TemplatePart[] | Template): part is readonly TemplatePart[] {
  return Array.isArray(part);
}

/** The value that the map gives for another, compared as text without case; `$otherwise` for the rest, and for a missing value. */
function mappedValue(part: Template, values: TemplateValues): WireValue | undefined {
  const value = typeof part.$from === "string" ? namedValue(part.$from, values) : undefined;
  const chosen = value === undefined ? undefined : choiceFor(wireText(value), part.$map);
  const result = chosen ?? part.$otherwise;
  return result === undefined ? undefined : renderPart(result, values);
}

function choiceFor(text: string, choices: TemplatePart | undefined): TemplatePart | undefined {
  if (!isMapping(choices)) return undefined;
  if (Object.hasOwn(choices, text)) return choices[text];
  const lower = text.toLowerCase();
  return Object.entries(choices).find(([choice]) => choice.toLowerCase() === lower)?.[1];
}

/**
 * Everything that is wrong with a template, whatever it is, by path. `known` are the names that it may use. `format` matters
 * because XML is narrower in names than the others.
 */
export function templateProblems(
  template: unknown,
  format: "json" | "form" | "xml",
  known: VariableNames,
): Problem[] {
  if (!isMapping(template) || Object.hasOwn(template, "$from")) {
    return [{ path: "", message: "must be a mapping of the buyer's names to values" }];
  }
  const problems: Problem[] = [];
  let parts = 0;
  const texts: string[] = [];
  function visit(part: unknown, path: string, depth: number): void {
    parts += 1;
    if (parts > MAX_PARTS) return;
    if (typeof part === "string") {
      texts.push(part);
      problems.push(...textProblems(part, path, known));
    } else if (part === null || typeof part === "boolean") return;
    else if (typeof part === "number") problems.push(...numberProblems(part, path));
    else if (depth > MAX_DEPTH) problems.push({ path, message: `is nested more than ${MAX_DEPTH} deep` });
    else if (Array.isArray(part)) {
      for (const [index, item] of part.entries()) visit(item, joinPath(path, index), depth + 1);
    } else if (!isMapping(part))
      problems.push({ path, message: "must be a text, a number, true, false or null" });
    else if (Object.hasOwn(part, "$from")) {
      texts.push(...textsOfChoices(part));
      problems.push(...valueMapProblems(part, path, known));
    } else visitMembers(part, path, depth);
  }
  function visitMembers(part: Mapping, path: string, depth: number): void {
    for (const [name, member] of Object.entries(part)) {
      const place = joinPath(path, name);
      problems.push(
        ...memberNameProblems(name, place, format),
        ...attributeProblems(name, member, place, format),
      );
      visit(member, place, depth + 1);
    }
  }
  visitMembers(template, "", 1);
  if (parts > MAX_PARTS) return [{ path: "", message: `must have at most ${MAX_PARTS} parts` }];
  const tooMany = fillingsProblem(texts);
  return tooMany === undefined ? problems : [...problems, { path: "", message: tooMany }];
}

function textsOfChoices({ $map: choices, $otherwise: otherwise }: Mapping): string[] {
  const all = isMapping(choices) ? [...Object.values(choices), otherwise] : [otherwise];
  return all.filter((choice) => typeof choice === "string");
}

function memberNameProblems(name: string, path: string, format: "json" | "form" | "xml"): Problem[] {
  if (name === "$map" || name === "$otherwise") return [{ path, message: "needs a $from beside it" }];
  if (format !== "xml" || isXmlMember(name)) return [];
  const message =
    `must be an element's name (a letter or _, then letters, digits, _, - or ., behind a prefix or not), ` +
    `${CONTENT}, or an attribute's name behind @`;
  return [{ path, message }];
}

/** An attribute has one value. */
function attributeProblems(name: string, member: unknown, path: string, format: string): Problem[] {
  const isList = Array.isArray(member) || (isMapping(member) && !Object.hasOwn(member, "$from"));
  if (format !== "xml" || !(name.startsWith("@") || name === CONTENT) || !isList) return [];
  return [{ path, message: "must be a text, a number, true, false or null" }];
}

function textProblems(text: string, path: string, known: VariableNames): Problem[] {
  if (text.length > MAX_TEXT_LENGTH) {
    return [{ path, message: `must have at most ${MAX_TEXT_LENGTH.toLocaleString("en")} characters` }];
  }
  return placeholderProblems(text, known).map((message) => ({ path, message }));
}

function numberProblems(number: number, path: string): Problem[] {
  return Number.isFinite(number) ? [] : [{ path, message: "must be a finite number" }];
}

function valueMapProblems(part: Mapping, path: string, known: VariableNames): Problem[] {
  const problems: Problem[] = Object.keys(part)
    .filter((key) => key !== "$from" && key !== "$map" && key !== "$otherwise")
    .map((key) => ({ path: joinPath(path, key), message: "is not known beside $from, $map and $otherwise" }));
  if (typeof part.$from !== "string" || known.kindsOf(part.$from) === undefined) {
    problems.push({
      path: joinPath(path, "$from"),
      message: `must name a field or a value of the ${known.of}`,
    });
  }
  if (Object.hasOwn(part, "$otherwise")) {
    problems.push(...choiceProblems(part.$otherwise, joinPath(path, "$otherwise"), known));
  }
  const place = joinPath(path, "$map");
  if (!isMapping(part.$map) || Object.keys(part.$map).length === 0) {
    return [...problems, { path: place, message: "must be a mapping of the field's values to the buyer's" }];
  }
  const choices = Object.entries(part.$map);
  if (choices.length > MAX_PARTS) {
    return [...problems, { path: place, message: `must have at most ${MAX_PARTS} entries` }];
  }
  return [
    ...problems,
    ...choices.flatMap(([value, choice]) => choiceProblems(choice, joinPath(place, value), known)),
  ];
}

function choiceProblems(choice: unknown, path: string, known: VariableNames): Problem[] {
  if (typeof choice === "string") return textProblems(choice, path, known);
  if (typeof choice === "number") return numberProblems(choice, path);
  if (choice === null || typeof choice === "boolean") return [];
  return [{ path, message: "must be a text, a number, true, false or null" }];
}
