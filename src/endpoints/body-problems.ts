import { parseXml } from "#endpoints/answers/xpath.ts";
import { type BodyFormat, fillInBody } from "#endpoints/message/body-text.ts";
import { bodyPlaceholderProblems } from "#endpoints/message/placeholder.ts";
import { render, type Template, templateProblems } from "#endpoints/message/template.ts";
import type { TemplateValues, VariableNames } from "#endpoints/message/variables.ts";
import { writeXml } from "#endpoints/message/xml.ts";
import type { Mapping, Problem } from "#text/problem.ts";
import { prefixed } from "#text/problem.ts";

/** Whether `body` is a text to be filled in, and not one of the two words about the default body. */
export function isBodyText(body: unknown): body is string {
  return typeof body === "string" && body !== "full" && body !== "thin";
}

/** Problems of what a webhook's body is made of: a template, a text, or neither. */
export function bodyProblems(definition: Mapping, known: VariableNames): Problem[] {
  const { template, body, xml_root } = definition;
  const format = formatOf(definition.format);
  if (isBodyText(body)) return bodyTextProblems(body, format, definition, known);
  return [
    ...(format === "text" ? [{ path: "format", message: "needs a body: a text with placeholders" }] : []),
    ...(template === undefined || format === "text" ? [] : ofTemplate(template, format, xml_root, known)),
    ...(xml_root !== undefined && format !== "xml"
      ? [{ path: "xml_root", message: "is only for format: xml" }]
      : []),
  ];
}

function formatOf(format: unknown): BodyFormat {
  return format === "form" || format === "xml" || format === "text" ? format : "json";
}

function ofTemplate(
  template: unknown,
  format: "json" | "form" | "xml",
  root: unknown,
  known: VariableNames,
): Problem[] {
  const problems = templateProblems(template, format, known).map((each) => prefixed("template", each));
  if (problems.length > 0 || format !== "xml") return problems;
  const sample = writeXml(
    typeof root === "string" ? root : "lead",
    render(template as Template, SAMPLE),
    "sample",
  );
  if (parseXml(sample) !== undefined) return [];
  const message = "makes no XML: each prefix needs its @xmlns:… on the element or one around it";
  return [{ path: "template", message }];
}

/** A value stands wherever a placeholder does. */
const SAMPLE: TemplateValues = { of: () => "1", timezone: "UTC" };

function bodyTextProblems(
  body: string,
  format: BodyFormat,
  { template, xml_root }: Mapping,
  known: VariableNames,
): Problem[] {
  if (template !== undefined) return [{ path: "body", message: "must not be a text beside a template" }];
  const placeholders = bodyPlaceholderProblems(body, known).map((message) => ({ path: "body", message }));
  const root =
    xml_root === undefined
      ? []
      : [{ path: "xml_root", message: "has no effect beside a body that is a text" }];
  const flaw = placeholders.length > 0 ? undefined : flawOf(fillInBody(body, format, SAMPLE), format);
  return [...placeholders, ...root, ...(flaw === undefined ? [] : [{ path: "body", message: flaw }])];
}

/** What is wrong with a text that has been filled in; undefined when it can be sent. */
function flawOf(filled: string, format: BodyFormat): string | undefined {
  switch (format) {
    case "json":
      return isJson(filled) ? undefined : "must be full, thin, or a text that is JSON once it is filled in";
    case "xml":
      return parseXml(filled) === undefined
        ? "must be full, thin, or a text that is XML once it is filled in, with a namespace for each prefix and no DOCTYPE"
        : undefined;
    case "form":
      return /^[\x21-\x7e]*=[\x21-\x7e]*$/.test(filled)
        ? undefined
        : "must be full, thin, or a form such as a={first_name}&b={phone|national}, in ASCII without blanks";
    case "text":
      return undefined;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
