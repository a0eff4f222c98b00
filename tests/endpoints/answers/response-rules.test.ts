import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { responseRuleProblems, responseValueProblems } from "#endpoints/answers/response-rule-problems.ts";
import {
  compileResponseRules,
  type ResponseRule,
  type ResponseValues,
} from "#endpoints/answers/response-rules.ts";
import { parseAmount } from "#money/amount.ts";
import { least, runs } from "../../support/runs.ts";

function answer(status: number, body = "") {
  return { status, body, contentType: null };
}

/** A buyer that says yes and no in JSON, with status 200 either way. */
const jsonRules: ResponseRule[] = [
  { when: { json_path: "$.status", equals: "sold" }, outcome: "accepted" },
  { when: { json_path: "$.status", in: ["duplicate", "dup"] }, outcome: "duplicate" },
  { when: { json_path: "$.errors", exists: true }, outcome: "rejected" },
];

describe("an answer without rules", () => {
  const judge = compileResponseRules([]);

  test.each([200, 201, 204, 299])("%p is an acceptance", (status) => {
    expect(judge(answer(status, "whatever"))).toEqual({ outcome: "accepted" });
  });

  test.each([199, 300, 400, 410, 429, 500])("%p is an error by its status", (status) => {
    expect(judge(answer(status))).toEqual({ outcome: "error", failure: { kind: "http_status", status } });
  });
});

describe("an answer that is read by rules", () => {
  const judge = compileResponseRules(jsonRules);

  test.each([
    ['{"status":"SOLD"}', "accepted"],
    ['\ufeff {"status": " Sold "}', "accepted"],
    ['{"status":"dup"}', "duplicate"],
    ['{"errors":["no"]}', "rejected"],
    ['{"status":"sold","errors":["late"]}', "accepted"],
  ] as const)("the first that fits %p decides: %p", (body, outcome) => {
    expect(judge(answer(200, body)).outcome).toBe(outcome);
  });

  test.each(["", "OK", "<html>", '{"status":null}', '{"errors":""}', '{"status":["sold"]}', '{"status":'])(
    "a 200 that says %p, which none of them knows, is no acceptance",
    (body) => {
      expect(judge(answer(200, body))).toEqual({
        outcome: "error",
        failure: { kind: "no_rule_matched", status: 200 },
      });
    },
  );

  test("a status that none of them knows is an error by its status", () => {
    expect(judge(answer(503, "{}"))).toEqual({
      outcome: "error",
      failure: { kind: "http_status", status: 503 },
    });
  });

  test("a rule can refuse what came with an error's status", () => {
    const rules: ResponseRule[] = [{ when: { status: 422 }, outcome: "rejected" }];
    expect(compileResponseRules(rules)(answer(422)).outcome).toBe("rejected");
  });

  test("a last rule can call every other answer an error", () => {
    const rules: ResponseRule[] = [...jsonRules, { when: { status: "2xx" }, outcome: "error" }];
    expect(compileResponseRules(rules)(answer(202, "{}"))).toEqual({
      outcome: "error",
      failure: { kind: "error_by_rule", status: 202 },
    });
  });
});

describe("a condition on an answer", () => {
  function holds(when: ResponseRule["when"], status: number, body = ""): boolean {
    expect(responseRuleProblems([{ when, outcome: "rejected" }])).toEqual([]);
    return compileResponseRules([{ when, outcome: "rejected" }])(answer(status, body)).outcome === "rejected";
  }

  test("on the status takes one, several or all of a hundred", () => {
    expect([200, 201, 404].map((status) => holds({ status: 200 }, status))).toEqual([true, false, false]);
    expect([200, 201, 404].map((status) => holds({ status: [200, 404] }, status))).toEqual([
      true,
      false,
      true,
    ]);
    expect([199, 200, 299, 300].map((status) => holds({ status: "2xx" }, status))).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  test("holds only when all that it says does", () => {
    const when = { status: 200, json_path: "$.ok", equals: true };
    expect(holds(when, 200, '{"ok":true}')).toBe(true);
    expect(holds(when, 201, '{"ok":true}')).toBe(false);
    expect(holds(when, 200, '{"ok":false}')).toBe(false);
  });

  test("in a list holds only with the others", () => {
    const when = [
      { json_path: "$.ok", equals: 1 },
      { json_path: "$.code", equals: 7 },
    ];
    expect(holds(when, 200, '{"ok":1,"code":7}')).toBe(true);
    expect(holds(when, 200, '{"ok":1,"code":8}')).toBe(false);
  });

  test.each([
    [{ json_path: "$.bids[*].won", equals: true }, '{"bids":[{"won":false},{"won":true}]}', true],
    [{ json_path: "$.code", equals: 5 }, '{"code":"5"}', true],
    [{ json_path: "$.message", matches: "^dup" }, '{"message":"Duplicate lead"}', true],
    [{ json_path: "$.message", matches: "^dup" }, '{"message":"no dup"}', false],
    [{ json_path: "$.error", exists: false }, '{"error":""}', true],
    [{ json_path: "$.error", exists: false }, '{"error":{}}', false],
    [{ json_path: "$.error", exists: false }, "no JSON", true],
    [{ json_path: "$.id" }, '{"id":0}', true],
    [{ xpath: "/response/@ok", equals: "yes" }, '<?xml version="1.0"?><response ok="YES"/>', true],
    [{ xpath: "//status", equals: "sold" }, "\n<r><s:status xmlns:s='u'> sold </s:status></r>", true],
    [{ xpath: "//error" }, "<r><error/></r>", false],
    [{ xpath: "//error" }, "<html><br></html>", false],
    [{ regex: "\\bsold\\b" }, "Lead SOLD.", true],
    [{ regex: "\\bsold\\b" }, "Lead unsold.", false],
    [{ regex: "^$" }, "", true],
    [{ regex: "status=(\\w+)", in: ["ok", "fine"] }, "id=1&status=Fine", true],
    [{ regex: "sold", exists: false }, "nothing", true],
  ])("%j on %p: %p", (when, body, expected) => {
    expect(holds(when, 200, body)).toBe(expected);
  });
});

describe("values that are read out of an answer", () => {
  const values: ResponseValues = {
    price: { json_path: "$.price" },
    reference: { regex: '"id":\\s*"([^"]+)"' },
    reason: { json_path: "$.reason" },
  };
  const judge = compileResponseRules([], values);

  test("come with the outcome, whatever it is", () => {
    const body = '{"price":12.5,"id":"L-1","reason":"too\\nold"}';
    const read = { price: parseAmount("12.5") ?? fail(), reference: "L-1", reason: "too old" };
    expect(judge(answer(200, body))).toEqual({ outcome: "accepted", ...read });
    expect(judge(answer(500, body))).toMatchObject({ outcome: "error", ...read });
  });

  test.each(["-1", "1e3", "$5", "1.23456", "abc", true])("leave out a price of %p", (price) => {
    expect(judge(answer(200, JSON.stringify({ price })))).toEqual({ outcome: "accepted" });
  });

  test("are cut at 200 characters, without halving one", () => {
    const { reason } = judge(answer(200, JSON.stringify({ reason: `${"x".repeat(199)}\u{1f600}y` })));
    expect(reason).toBe("x".repeat(199));
  });

  test("come from XML too", () => {
    const fromXml = compileResponseRules([], { price: { xpath: "//bid[1]/@price" } });
    expect(fromXml(answer(200, '<r><bid price="3.00"/><bid price="4"/></r>')).price).toBe(
      parseAmount("3") ?? fail(),
    );
  });
});

describe("an answer", () => {
  const readers = [
    { json_path: "$..status" },
    { json_path: "$[?@.a == 1].b" },
    { xpath: "//status[.='x']" },
    { xpath: "/*/*[last()]/@a" },
    { regex: "(a|b)*c" },
  ];
  const judge = compileResponseRules(
    readers.map((reader) => ({ when: { ...reader, equals: "x" }, outcome: "accepted" })),
    { price: { json_path: "$.price" }, reference: { xpath: "//id" }, reason: { regex: "." } },
  );
  const anyXml = fc.letrec<{ node: string }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 5 },
      fc.string(),
      fc
        .tuple(
          fc.constantFrom("status", "id", "a:b", "!DOCTYPE x", "![CDATA["),
          fc.array(tie("node"), { maxLength: 3 }),
        )
        .map(([name, inner]) => `<${name} a="1">${inner.join("")}</${name}>`),
    ),
  })).node;

  test("is judged whatever it is", () => {
    const outcomes = new Set<string>();
    const body = fc.oneof(fc.string({ unit: "binary" }), fc.json(), anyXml);
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 599 }), body, (status, text) => {
        const verdict = judge(answer(status, text));
        outcomes.add(verdict.outcome);
        expect((verdict.reason ?? "").length).toBeLessThanOrEqual(200);
      }),
      { numRuns: runs(500) },
    );
    expect([...outcomes]).toContain("error");
  });

  test.each([
    ["deep JSON", "[".repeat(8192) + "]".repeat(8192)],
    ["deep mappings", `${'{"status":'.repeat(1400)}1${"}".repeat(1400)}`],
    ["wide XML", `<r>${"<a/>".repeat(4000)}</r>`],
    ["deep XML", "<status>".repeat(900) + "</status>".repeat(900)],
    ["unfinished XML", "<a ".repeat(5000)],
    [
      "entities within entities",
      '<!DOCTYPE r [<!ENTITY a "xx"><!ENTITY b "&a;&a;">]><r><status>&b;</status></r>',
    ],
  ])("of %s is no acceptance", (_, body) => {
    expect(judge(answer(200, body)).outcome).toBe("error");
  });

  test("never makes its reader fetch or believe an external entity", () => {
    const body = '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]><r><status>&x;</status></r>';
    const rules = compileResponseRules([{ when: { xpath: "//status" }, outcome: "accepted" }]);
    expect(rules(answer(200, body)).outcome).toBe("error");
  });
});

describe("the problems of response rules", () => {
  function pathsOf(rule: unknown): string[] {
    return responseRuleProblems([rule]).map(({ path }) => path);
  }

  test.each([
    [null, ["[0]"]],
    [{ when: { status: 200 } }, ["[0].outcome"]],
    [{ when: { status: 200 }, outcome: "sold" }, ["[0].outcome"]],
    [{ outcome: "accepted" }, ["[0].when"]],
    [{ when: {}, outcome: "accepted" }, ["[0].when"]],
    [{ when: [], outcome: "accepted" }, ["[0].when"]],
    [{ when: [{ status: 200 }, { equals: "x" }], outcome: "accepted" }, ["[0].when[1]"]],
    [{ when: { status: 99 }, outcome: "accepted" }, ["[0].when.status"]],
    [{ when: { status: "200" }, outcome: "accepted" }, ["[0].when.status"]],
    [{ when: { json_path: "$.a", xpath: "/a" }, outcome: "accepted" }, ["[0].when"]],
    [{ when: { json_path: "$.a", equals: 1, exists: true }, outcome: "accepted" }, ["[0].when"]],
    [{ when: { json_path: "a.b" }, outcome: "accepted" }, ["[0].when.json_path"]],
    [{ when: { json_path: "$..a..b" }, outcome: "accepted" }, ["[0].when.json_path"]],
    [{ when: { json_path: "$['a','b']" }, outcome: "accepted" }, ["[0].when.json_path"]],
    [{ when: { json_path: "$[?match(@.a, 'x')]" }, outcome: "accepted" }, ["[0].when.json_path"]],
    [{ when: { json_path: "$[?@.a == $.b]" }, outcome: "accepted" }, ["[0].when.json_path"]],
    [{ when: { json_path: "$..[?@==@]" }, outcome: "accepted" }, ["[0].when.json_path"]],
    [{ when: { json_path: "$[?value(@..a)==@.b]" }, outcome: "accepted" }, ["[0].when.json_path"]],
    [{ when: { xpath: "count(//a)" }, outcome: "accepted" }, ["[0].when.xpath"]],
    [{ when: { regex: "(?=a)" }, outcome: "accepted" }, ["[0].when.regex"]],
    [{ when: { regex: 5 }, outcome: "accepted" }, ["[0].when.regex"]],
    [{ when: { json_path: "$.a", equals: "" }, outcome: "accepted" }, ["[0].when.equals"]],
    [{ when: { json_path: "$.a", in: [] }, outcome: "accepted" }, ["[0].when.in"]],
    [{ when: { json_path: "$.a", matches: "(" }, outcome: "accepted" }, ["[0].when.matches"]],
    [{ when: { json_path: "$.a", exists: 1 }, outcome: "accepted" }, ["[0].when.exists"]],
    [{ when: { jsonpath: "$.a", status: 200 }, outcome: "accepted" }, ["[0].when.jsonpath"]],
  ])("of %j stand at %p", (rule, paths) => {
    expect(pathsOf(rule)).toEqual(paths);
  });

  test("of values stand at their names", () => {
    const values = {
      price: {},
      reference: { json_path: "$.id", regex: "x" },
      reason: { xpath: "x" },
      name: {},
    };
    expect(responseValueProblems(values, "delivery").map(({ path }) => path)).toEqual([
      "name",
      "price",
      "reference",
      "reason.xpath",
    ]);
    expect(responseValueProblems([], "delivery")).toHaveLength(1);
    expect(responseValueProblems({ price: { json_path: "$.price" } }, "delivery")).toEqual([]);
  });

  test("of a ping's values know its price as the bid's", () => {
    const values = { bid_price: { regex: "bid=(.*)" }, price: { json_path: "$.price" } };
    expect(responseValueProblems(values, "ping").map(({ path }) => path)).toEqual(["price"]);
  });

  test("are all there is against rules: those without compile", () => {
    const part = fc.record(
      {
        status: fc.oneof(fc.constantFrom(200, [200, 404], "2xx"), fc.jsonValue()),
        json_path: fc.oneof(fc.constantFrom("$.a", "$..b[0]", "$["), fc.string()),
        xpath: fc.oneof(fc.constantFrom("/a", "//b[1]", "//"), fc.string()),
        regex: fc.oneof(fc.constantFrom("a", "("), fc.string()),
        equals: fc.jsonValue(),
        in: fc.oneof(fc.array(fc.string()), fc.jsonValue()),
        matches: fc.oneof(fc.constantFrom("^a", "["), fc.string()),
        exists: fc.oneof(fc.boolean(), fc.jsonValue()),
      },
      { requiredKeys: [] },
    );
    const anyRules = fc.array(
      fc.record({
        when: fc.oneof(part, fc.array(part, { maxLength: 2 })),
        outcome: fc.constantFrom("accepted", "rejected", "duplicate", "error", "sold"),
      }),
      { maxLength: 3 },
    );
    let compiled = 0;
    fc.assert(
      fc.property(fc.oneof(anyRules, fc.jsonValue()), (rules) => {
        if (responseRuleProblems(rules).length > 0) return;
        compiled += 1;
        compileResponseRules(rules as ResponseRule[])(answer(200, '{"a":"x"}'));
      }),
      { numRuns: runs(3000) },
    );
    expect(compiled).toBeGreaterThan(least(100));
  });
});

function fail(): never {
  throw new Error("not an amount");
}

test.each([
  [{ regex: "/success/i" }, "when.regex"],
  [{ json_path: "$.status", matches: "/success/" }, "when.matches"],
])("a pattern with slashes around it is refused with the right spelling: %j", (when, path) => {
  expect(responseRuleProblems([{ when, outcome: "accepted" }])).toEqual([
    {
      path: `[0].${path}`,
      message:
        "must be written without slashes around it, as success (case never matters; a slash itself is [/])",
    },
  ]);
});

test("a pattern may look for slashes, where it does not stand between two of them", () => {
  for (const regex of ["[/]leads[/]", "^/leads/$", "/leads", "leads/"])
    expect(responseRuleProblems([{ when: { regex }, outcome: "accepted" }])).toEqual([]);
});
