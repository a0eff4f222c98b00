import { jsonPathProblem } from "#endpoints/answers/json-path.ts";
import { sendingProblems } from "#endpoints/delivery-problems.ts";
import { checkVariableNames } from "#endpoints/message/check-variables.ts";
import type { FieldKinds } from "#endpoints/message/variables.ts";
import { isMapping, joinPath, type Mapping, type Problem } from "#text/problem.ts";

const MOST_VALUES = 20;
const VALUE_NAME = /^[a-z][a-z0-9_]{0,63}$/;

/**
 * Finds what is wrong with a check beyond what its schema says, by path. It takes anything, never throws and looks past what has the wrong
 * shape. `knownFields` are the types of the campaign's fields; its `when` is looked at as other filters are.
 */
export function checkProblems(check: Mapping, knownFields: FieldKinds | undefined): Problem[] {
  const { url, headers, template, response_rules, method, values } = check;
  const sent = { url, headers, template, response_rules };
  const bodiless =
    method === "GET" && template !== undefined
      ? [
          {
            path: "template",
            message: "is only for a body, which a GET has not: everything stands in its url",
          },
        ]
      : [];
  return [
    ...sendingProblems(sent, checkVariableNames(knownFields), "delivery"),
    ...bodiless,
    ...valueProblems(values),
  ];
}

function valueProblems(values: unknown): Problem[] {
  if (values === undefined) return [];
  if (!isMapping(values))
    return [{ path: "values", message: "must be a mapping such as { line_type: $.type }" }];
  const entries = Object.entries(values);
  if (entries.length > MOST_VALUES)
    return [{ path: "values", message: `must have at most ${MOST_VALUES} values` }];
  return entries.flatMap(([name, path]) => {
    const place = joinPath("values", name);
    if (!VALUE_NAME.test(name))
      return [{ path: place, message: "must be named by a small letter, then small letters, digits or _" }];
    if (typeof path !== "string") return [{ path: place, message: "must be a JSONPath such as $.status" }];
    const message = jsonPathProblem(path);
    return message === undefined ? [] : [{ path: place, message }];
  });
}
