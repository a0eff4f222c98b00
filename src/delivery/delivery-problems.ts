import { isMapping, type Mapping, type Problem, within } from "#problem.ts";
import { headerNameProblem, headerProblems } from "./header.ts";
import { placeholderProblems } from "./placeholder.ts";
import { responseRuleProblems, responseValueProblems } from "./response-rule-problems.ts";
import { templateProblems } from "./template.ts";

/**
 * What is wrong with a buyer's delivery beyond what its schema says, by path. It takes anything, never throws and looks past what
 * has the wrong shape. `knownFields` are the fields of all campaigns that the buyer is in; without them a template may name any.
 */
export function deliveryProblems(definition: unknown, knownFields?: ReadonlySet<string>): Problem[] {
  if (!isMapping(definition)) return [];
  return definition.method === "email"
    ? emailProblems(definition, knownFields)
    : webhookProblems(definition, knownFields);
}

function webhookProblems(definition: Mapping, knownFields: ReadonlySet<string> | undefined): Problem[] {
  const { template, headers, response_rules, response_values, format } = definition;
  const body = format === "form" || format === "xml" ? format : "json";
  return [
    ...(template === undefined ? [] : allWithin("template", templateProblems(template, body, knownFields))),
    ...thinProblems(definition),
    ...(definition.xml_root !== undefined && format !== "xml"
      ? [{ path: "xml_root", message: "is only for format: xml" }]
      : []),
    ...ownHeaderProblems(headers),
    ...legacyHeaderProblems(definition),
    ...(response_rules === undefined
      ? []
      : allWithin("response_rules", responseRuleProblems(response_rules))),
    ...(response_values === undefined
      ? []
      : allWithin("response_values", responseValueProblems(response_values))),
  ];
}

function emailProblems(definition: Mapping, knownFields: ReadonlySet<string> | undefined): Problem[] {
  const texts = (["subject", "template"] as const).flatMap((path) => {
    const text = definition[path];
    if (typeof text !== "string") return [];
    return placeholderProblems(text, knownFields).map((message) => ({ path, message }));
  });
  return [...texts, ...thinProblems(definition)];
}

/** A template says itself what it holds, so `thin` beside it would be a promise that nobody keeps. */
function thinProblems({ template, body }: Mapping): Problem[] {
  if (template === undefined || body !== "thin") return [];
  return [{ path: "body", message: "must not be thin beside a template, which says itself what it holds" }];
}

function ownHeaderProblems(headers: unknown): Problem[] {
  if (headers === undefined) return [];
  if (!isMapping(headers)) return [{ path: "headers", message: "must be a mapping of names to texts" }];
  return allWithin("headers", headerProblems(headers));
}

function legacyHeaderProblems({ legacy_signature_header: name, headers }: Mapping): Problem[] {
  if (typeof name !== "string") return [];
  const given = isMapping(headers) ? Object.keys(headers).map((header) => header.toLowerCase()) : [];
  const taken = given.includes(name.toLowerCase()) ? "is one of the headers too" : undefined;
  const message = headerNameProblem(name) ?? taken;
  return message === undefined ? [] : [{ path: "legacy_signature_header", message }];
}

function allWithin(path: string, problems: readonly Problem[]): Problem[] {
  return problems.map((problem) => within(path, problem));
}
