import { expect, test } from "bun:test";
import { decide } from "#intake/decide/decide.ts";
import type { Arrived, CheckFinding } from "#leads/candidate.ts";
import { aDocument } from "../../support/leadgate.ts";
import { compiled, parsed, stateWithoutRecords } from "./compiled-campaign.ts";

const NOW = new Date("2026-01-13T17:00:00Z");
const URL = "https://checks.example/";

function campaignOf(over: Parameters<typeof aDocument>[0] = {}) {
  const checks = [
    { id: "phone", url: URL, values: { line_type: "$.type" } },
    { id: "claim", url: URL, when: { field: "trustedform_cert_url", op: "is_not_empty" as const } },
  ];
  return compiled(aDocument({ ...over, campaign: { checks, ...over.campaign } }));
}

function found(id: string, verdict: CheckFinding["verdict"], over: Partial<CheckFinding> = {}): CheckFinding {
  const failure = verdict === "failed" ? ("timed_out" as const) : null;
  const asked = { askedAt: NOW.toISOString(), tookMs: 20, status: 200, isKept: false, request: null };
  return { id, verdict, failure, values: {}, ...asked, ...over };
}

function decided(
  checks: Arrived["checks"],
  campaign = campaignOf(),
  over: Readonly<Record<string, unknown>> = {},
) {
  const body = { first_name: "Ada", last_name: "L", phone: "5125550100", email: "a@example.com", ...over };
  const lead: Arrived = {
    kind: "arrived",
    id: "019b0000-0000-7000-8000-000000000001",
    requestId: "r",
    campaignId: "solar",
    supplierId: "acme",
    keyId: "key",
    body,
    idempotency: null,
    ping: null,
    checks,
  };
  return decide(parsed(lead, campaign), stateWithoutRecords(campaign, lead, NOW), NOW);
}

const CLAIMED = { trustedform_cert_url: "https://cert.trustedform.com/abc" };

test("a lead about which somebody is to be asked is not decided before, and only those are asked whom it concerns", () => {
  const asked = (checks: Arrived["checks"], over = {}) => {
    const { ending } = decided(checks, campaignOf(), over);
    return ending.kind === "unchecked" ? ending.checks.map(({ id }) => id) : ending.kind;
  };
  expect(asked(undefined)).toEqual(["phone"]);
  expect(asked(undefined, CLAIMED)).toEqual(["phone", "claim"]);
  expect(asked([found("phone", "passed")], CLAIMED)).toEqual(["claim"]);
  expect(asked([found("phone", "passed")])).toBe("accepted");
  expect(asked("not_asked", CLAIMED)).toBe("accepted");
});

test("a lead that fails before costs no question, and a test lead none either", () => {
  const filters = { field: "state", op: "eq" as const, value: "TX" };
  expect(decided(undefined, campaignOf({ link: { filters } })).ending.kind).toBe("filtered");
  const { ending, trace } = decided(undefined, campaignOf({ supplier: { test_mode: true } }));
  expect([ending.kind, trace.find(({ check }) => check === "checks")]).toEqual([
    "accepted",
    { check: "checks", result: "passed", detail: { not_asked: ["phone"] } },
  ]);
});

test("a verdict refuses a lead, whatever else is found of it, and is on its trace", () => {
  const { ending, trace } = decided(
    [found("phone", "rejected"), found("claim", "failed")],
    campaignOf(),
    CLAIMED,
  );
  expect(ending).toMatchObject({
    kind: "filtered",
    by: "check",
    failures: [{ rule: "phone", field: "check.phone", code: "check_rejected" }],
  });
  expect(trace.at(-1)).toEqual({
    check: "checks",
    result: "ended",
    detail: { rejected: ["phone"], failed: ["claim (timed out)"] },
  });
});

test.each([
  ["pass", "accepted", null],
  ["reject", "filtered", "checks"],
  ["hold", "held", "hold"],
] as const)("without a verdict, on_error: %s has a lead %s", (on_error, kind, endedBy) => {
  const campaign = campaignOf({ campaign: { checks: [{ id: "phone", url: URL, on_error }] } });
  const { ending, trace } = decided([found("phone", "failed")], campaign);
  const ended = trace.find(({ result }) => result === "ended");
  expect([ending.kind, ended?.check ?? null]).toEqual([kind, endedBy]);
});

test("what a check found counts in buyers' filters and prices, and nothing that a supplier sends under that name", () => {
  const mobile = { field: "check.phone.line_type", op: "eq" as const, value: "mobile" };
  const campaign = campaignOf({
    contracts: {
      first: { filters: mobile },
      second: { price_rules: [{ when: { ...mobile, value: "landline" }, price: "99.00" }] },
    },
  });
  const soldTo = (line_type: string, over = {}) => {
    const { ending } = decided([found("phone", "passed", { values: { line_type } })], campaign, over);
    return ending.kind === "accepted"
      ? ending.sales.map(({ buyerId, price }) => [buyerId, Number(price)])
      : [];
  };
  expect(soldTo("mobile")).toEqual([["first", 100_000]]);
  expect(soldTo("landline", { "check.phone.line_type": "mobile" })).toEqual([["second", 990_000]]);
});
