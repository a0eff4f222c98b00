import { expect, test } from "bun:test";
import { whyNobody } from "#cli/records/lead-text.ts";
import { whyPassedOver } from "#cli/records/passed-over.ts";

test("why a buyer was passed over is said in words, with the cap, the rule or the list", () => {
  const buyer = { buyer_id: "sunco" };
  expect(whyPassedOver({ ...buyer, reason: "buyer_cap", cap: { period: "day", unit: "leads" } })).toBe(
    "its cap is reached, leads a day",
  );
  expect(whyPassedOver({ ...buyer, reason: "contract_cap", cap: { period: "total", unit: "amount" } })).toBe(
    "the cap of its contract is reached, money in all",
  );
  expect(whyPassedOver({ ...buyer, reason: "filtered", rules: ["age is at least 18"] })).toBe(
    "its filters turn the lead away: age is at least 18",
  );
  expect(whyPassedOver({ ...buyer, reason: "no_bid", why: "timed_out" })).toBe("it made no bid: timed out");
});

test("a reason of a later version stays as it is", () => {
  expect(whyPassedOver({ reason: "moon_phase" })).toBe("moon phase");
  expect(whyPassedOver({ reason: "toString" })).toBe("toString");
});

test("why nobody took a lead is a line: the most frequent reason first, with the buyers it holds for", () => {
  const closed = ["a", "b", "c", "d", "e"].map((id) => ({ buyer_id: id, reason: "outside_schedule" }));
  expect(whyNobody([{ buyer_id: "sunco", reason: "buyer_paused" }, ...closed])).toBe(
    "a, b, c, 2 more: it was closed by its schedule; sunco: it is paused",
  );
  expect(whyNobody([])).toBe("no buyer has a contract");
});
