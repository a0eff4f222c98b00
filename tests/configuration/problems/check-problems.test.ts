import { expect, test } from "bun:test";
import type { ConfigurationDocument } from "#campaigns/document.ts";
import { identify } from "#configuration/identify.ts";
import { problemsIn } from "#configuration/problems/document-problems.ts";
import { warningsIn } from "#configuration/warnings/document-warnings.ts";
import { aDocument } from "../../support/leadgate.ts";

const PHONE = { id: "phone", url: "https://a.example/{phone|digits}", values: { line_type: "$.type" } };

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
  [{}, []],
  [{ id: "Phone-1" }, ["id"]],
  [{ url: "https://a.example/{telephone}" }, ["url"]],
  [{ template: { tel: "{phone|titel}" } }, ["template.tel"]],
  [{ method: "GET", template: { tel: "{phone}" } }, ["template"]],
  [{ values: { line_type: "type", Grade: "$.g" } }, ["values.line_type", "values.Grade"]],
  [{ when: { field: "telephone", op: "is_empty" } }, ["when.field"]],
  [{ when: { field: "check.phone.line_type", op: "is_empty" } }, ["when.field"]],
  [{ when: { field: "phone", op: "is_empty", outcome: "hold" } }, ["when.outcome"]],
  [{ response_rules: [{ when: {}, outcome: "accepted" }] }, ["response_rules[0].when"]],
  [{ headers: { "webhook-id": "a" } }, ["headers.webhook-id"]],
  [{ on_error: "drop" }, ["on_error"]],
])("a check with %p has its problems by path", (check, paths) => {
  const place = "id" in check ? "campaigns[solar].checks[0]" : PLACE;
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
    emptyLists: new Set(""),
    balances: new Map(),
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
