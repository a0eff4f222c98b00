import { KindGuard } from "@sinclair/typebox";
import { repliesOf } from "#api-docs/openapi/operation.ts";
import { escapeHtml, splitSection, tableOf, withCode } from "#api-docs/site/html.ts";
import { markdownHtml } from "#api-docs/site/markdown.ts";
import { REFERENCE_LINKS } from "#api-docs/site/navigation.ts";
import { publicSchema } from "#http/public-schema.ts";
import type { Route } from "#http/route.ts";
import { answerExamples, type ReferencedRoute, requestExample, statusWords } from "./example-call.ts";
import { parameterList, propertyList } from "./properties.ts";

/** The routes that are documented. */
export function referencedRoutes(routes: readonly Route[]): ReferencedRoute[] {
  return routes.flatMap(({ words, ...route }) => (words === undefined ? [] : [{ ...route, words }]));
}

/** The operations of one page of the reference, in the order of their routes. */
export function operationsOn(name: string, routes: readonly ReferencedRoute[]): ReferencedRoute[] {
  return routes.filter(
    ({ path, words }) =>
      REFERENCE_LINKS.find(({ has }) => has.section.test(words.section) && has.path.test(path))?.name ===
      name,
  );
}

/** A page of the reference as HTML. */
export function referenceBody(title: string, routes: readonly ReferencedRoute[]): string {
  return `<h1>${escapeHtml(title)}</h1>
<p class="lead">${KEYS[routes[0]?.who.asks ?? "anybody"]}</p>
${routes.map(operationSection).join("")}`;
}

const KEYS: Readonly<Record<ReferencedRoute["who"]["asks"], string>> = {
  supplier: "Every request carries your key in the header <code>x-api-key</code>.",
  buyer: "Every request carries your key in the header <code>x-api-key</code>.",
  operator: "Every request carries an operator's key as <code>Authorization: Bearer …</code>.",
  anybody: "These need no key.",
};

function operationSection(route: ReferencedRoute): string {
  const { words, method, path, who } = route;
  const role =
    who.role === undefined ? "" : `<p>Needs an operator key with the role <code>${who.role}</code>.</p>\n`;
  const head = `<h2 id="${words.operation}">${escapeHtml(words.summary)}</h2>
<p class="route"><span class="method ${method}">${method.toUpperCase()}</span> <code>${escapeHtml(
    path.replaceAll(/:(\w+)/g, "{$1}"),
  )}</code></p>\n`;
  return splitSection(
    `${head}${markdownHtml(words.description)}${role}${parameters(route)}${body(route)}${answers(route)}`,
    `${requestExample(route)}${answerExamples(route)}`,
  );
}

function parameters({ words, settings }: ReferencedRoute): string {
  const { params = {}, headers = {} } = words;
  return [
    section("In the path", parameterList(params, true)),
    section("In the query", parameterList(settings)),
    section("Headers", parameterList(headers)),
  ].join("");
}

function body({ body: form }: ReferencedRoute): string {
  if (form === undefined) return "";
  const schema = KindGuard.IsSchema(form.schema) ? publicSchema(form.schema) : form.schema;
  const said = form.description === undefined ? "" : `<p>${withCode(form.description)}</p>\n`;
  return section("Body", `${said}${propertyList(schema)}`);
}

function section(title: string, html: string): string {
  return html === "" ? "" : `<h3>${title}</h3>\n${html}`;
}

function answers(route: ReferencedRoute): string {
  const rows = Object.entries(repliesOf(route)).map(([status, { description }]) => [
    `<code>${statusWords(Number(status))}</code>`,
    withCode(description),
  ]);
  return rows.length === 0 ? "" : section("Answers", tableOf(["Status", "When"], rows));
}
