import { expect, test } from "bun:test";
import type { ConfigurationDocument } from "#campaigns/document.ts";
import { identify } from "#configuration/identify.ts";
import { problemsIn } from "#configuration/problems/document-problems.ts";
import { warningsIn } from "#configuration/warnings/document-warnings.ts";
import { aDocument } from "../../support/leadgate.ts";

const PHONE = { id: "phone", url: "https://a.sunco.com/{phone|digits}", values: { line_type: "$.type" } };

function documentOf(
  check: Readonly<Record<string, unknown>>,
  over: Parameters<typeof aDocument>[0] = {},
): ConfigurationDocument {
  const checks = [{ ...PHONE, ...check }] as never;
  return aDocument({ ...over, campaign: { checks, ...over.campaign } });
}

const pathsOf = (document: ConfigurationDocument) => problemsIn(document).map(({ path }) => path);

const PLACE = "campaigns[solar].checks[phone]";

test.each([
  ["nothing wrong", {}, []],
  ["an id in capitals", { id: "Phone-1" }, ["id"]],
  ["an unknown placeholder in its url", { url: "https://a.example/{telephone}" }, ["url"]],
  ["an unknown filter in its template", { template: { tel: "{phone|titel}" } }, ["template.tel"]],
  ["a body on a GET", { method: "GET", template: { tel: "{phone}" } }, ["template"]],
  [
    "a path and a name of values that are none",
    { values: { line_type: "type", Grade: "$.g" } },
    ["values.line_type", "values.Grade"],
  ],
  [
    "a path that compares what it finds with what it finds",
    { values: { line_type: "$.lines[?@.number == @.other].type" } },
    ["values.line_type"],
  ],
  ["an unknown field in its when", { when: { field: "telephone", op: "is_empty" } }, ["when.field"]],
  [
    "what a check found in its when",
    { when: { field: "check.phone.line_type", op: "is_empty" } },
    ["when.field"],
  ],
  ["an outcome in its when", { when: { field: "phone", op: "is_empty", outcome: "hold" } }, ["when.outcome"]],
  [
    "a condition that asks nothing",
    { response_rules: [{ when: {}, outcome: "accepted" }] },
    ["response_rules[0].when"],
  ],
  ["a header of ours", { headers: { "webhook-id": "a" } }, ["headers.webhook-id"]],
  ["an on_error that is none", { on_error: "drop" }, ["on_error"]],
] as const)("a check with %s is refused for that alone, at its place", (_, check, paths) => {
  const place = "id" in check ? "campaigns[solar].checks[Phone-1]" : PLACE;
  expect(pathsOf(documentOf(check))).toEqual(paths.map((path) => `${place}.${path}`));
});

test("what checks find may be named by buyers' filters, prices and templates, and nothing else of that kind", () => {
  const rule = (field: string) => ({ field, op: "eq" as const, value: "mobile" });
  const delivery = (body: string) => ({
    first: { delivery: { method: "webhook" as const, url: "https://b.example", template: { it: body } } },
  });
  const naming = (name: string) =>
    documentOf(
      {},
      {
        contracts: {
          first: { filters: rule(name), price_rules: [{ when: rule(name), price: "1.00" }] },
        },
        buyers: delivery(`{${name}|upper}`),
      },
    );
  expect(pathsOf(naming("check.phone.line_type"))).toEqual([]);
  expect(pathsOf(naming("check.phone.line"))).toEqual([
    "buyers[first].delivery.template.it",
    "campaigns[solar].buyers[first].filters.field",
    "campaigns[solar].buyers[first].price_rules[0].when.field",
  ]);
  const own = documentOf({}, { campaign: { filters: rule("check.phone.line_type") } });
  expect(
    pathsOf({ ...own, campaigns: own.campaigns?.map((each) => ({ ...each, checks: [PHONE] })) ?? [] }),
  ).toEqual(["campaigns[solar].filters.field"]);
});

test("two checks of one campaign have names of their own", () => {
  expect(pathsOf(documentOf({}, { campaign: { checks: [PHONE, PHONE] } }))).toHaveLength(1);
});

test("a check that can never be asked, that has no time for it, or that never says yes is warned of", () => {
  const surroundings = {
    mailIsSetUp: true,
    isRefused: () => false,
    dropsBefore: null,
    emptyLists: new Set(""),
    balances: new Map(),
    withoutToken: new Set<string>(),
  };
  const check = {
    timeout_ms: 3000,
    when: {
      all: [
        { field: "state", op: "eq", value: "TX" },
        { field: "state", op: "eq", value: "OK" },
      ],
    },
    response_rules: [{ when: { status: 200 }, outcome: "rejected" }],
  };
  const found = warningsIn(identify(documentOf(check), null), surroundings);
  expect(found.filter(({ path }) => path.startsWith(PLACE)).map(({ code, path }) => [code, path])).toEqual([
    ["filter_never_passes", `${PLACE}.when`],
    ["rules_never_accept", `${PLACE}.response_rules`],
    ["check_above_budget", `${PLACE}.timeout_ms`],
  ]);
});
