import { expect, test } from "bun:test";
import { type AskingRecord, buyersAnswer } from "#delivery/buyers-answer.ts";

function asking(more: Partial<AskingRecord>): AskingRecord {
  return { verdict: "error", failure: null, httpStatus: null, excerpt: null, ...more };
}

test("a buyer's rules say what a yes and a no is", () => {
  expect(buyersAnswer(asking({ verdict: "accepted" }))).toBe("confirmed");
  expect(buyersAnswer(asking({ verdict: "rejected" }))).toBe("refused");
  expect(buyersAnswer(asking({ verdict: "duplicate" }))).toBe("refused");
  expect(buyersAnswer(asking({ failure: "error_by_rule", httpStatus: 504 }))).toBe("refused");
});

test.each([408, 499, 502, 504, 520, 523, 527])("a status of %i without a rule is unclear", (httpStatus) => {
  expect(buyersAnswer(asking({ failure: "http_status", httpStatus, excerpt: "" }))).toBe("unclear");
});

test.each([400, 404, 409, 422, 429, 500, 501, 503, 505, 519, 528])(
  "a status of %i without a body and without a rule is a no",
  (httpStatus) => {
    expect(buyersAnswer(asking({ failure: "http_status", httpStatus, excerpt: " " }))).toBe("refused");
  },
);

test("a 503 with a body is unclear", () => {
  const record = asking({ failure: "http_status", httpStatus: 503, excerpt: "{}" });
  expect(buyersAnswer(record)).toBe("unclear");
});

test.each(["timeout", "reset", "header_too_large", "bad_answer", "interrupted", "no_rule_matched", null])(
  "an attempt that ended as %s is unclear",
  (failure) => {
    expect(buyersAnswer(asking({ failure }))).toBe("unclear");
  },
);

test.each(["connect_failed", "connect_timeout", "dns_failure", "tls_failure", "refused_address", "redirect"])(
  "an attempt that ended as %s is a no",
  (failure) => {
    expect(buyersAnswer(asking({ failure }))).toBe("refused");
  },
);

test("a buyer of which an attempt before is lost may have the lead, unless it says yes or no", () => {
  const answers = [
    asking({ verdict: "accepted" }),
    asking({ verdict: "rejected" }),
    asking({ verdict: "duplicate" }),
    asking({ failure: "http_status", httpStatus: 500, excerpt: "" }),
    asking({ failure: "connect_failed" }),
  ].map((record) => buyersAnswer(record, true));
  expect(answers).toEqual(["confirmed", "refused", "unclear", "unclear", "unclear"]);
});
