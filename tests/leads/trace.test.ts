import { expect, test } from "bun:test";
import fc from "fast-check";
import { type BuyerLine, readTrace, type StoredLine, storedTrace, type TraceLine } from "#leads/trace.ts";

const id = fc.stringMatching(/^[a-z-]{1,12}$/);
const result = fc.constantFrom("passed" as const, "ended" as const);

const buyer: fc.Arbitrary<BuyerLine> = fc.oneof(
  fc.record({ buyer_id: id, chosen: fc.constant(true as const) }),
  fc.record({ buyer_id: id, chosen: fc.constant(true as const), price: fc.constant("40.00") }),
  fc.record({ buyer_id: id, reason: fc.constantFrom("outranked" as const, "no_bid" as const) }),
  fc.record({ buyer_id: id, reason: fc.constant("filtered" as const), rules: fc.array(id) }),
);

const line: fc.Arbitrary<TraceLine> = fc.oneof(
  fc.record({ check: fc.constantFrom("access" as const, "fields" as const, "duplicates" as const), result }),
  fc.record({ check: fc.constant("filters" as const), result, detail: fc.record({ by: id }) }),
  fc.record({ check: fc.constant("return" as const), result: fc.constant("ended" as const), buyer_id: id }),
  fc.record({ check: fc.constant("buyers" as const), result, method: id, buyers: fc.array(buyer) }),
);

function stored(trace: readonly TraceLine[]): StoredLine[] {
  return JSON.parse(JSON.stringify(storedTrace(trace))) as StoredLine[];
}

test("a trace is read as it was written, however it is stored", () => {
  fc.assert(fc.property(fc.array(line), (trace) => expect(readTrace(stored(trace))).toEqual(trace)));
});

test("a trace that an earlier release stored, line by line, is read as it is", () => {
  fc.assert(fc.property(fc.array(line), (trace) => expect(readTrace(trace)).toEqual(trace)));
});

test("a trace that an earlier release stored with the names of its checks and buyers is read as what they say", () => {
  const earlier: StoredLine[] = [
    "access",
    "fields",
    ["weighted", "passed", [["sunco"], ["bolt", "outranked"]]],
  ];
  expect(readTrace(earlier)).toEqual(readTrace([2, ["weighted", [["sunco"], "bolt"]]]));
});

test("a trace is stored in few words where nothing happened", () => {
  const trace: TraceLine[] = [
    { check: "access", result: "passed" },
    { check: "filters", result: "ended", detail: { by: "campaign" } },
    {
      check: "buyers",
      result: "passed",
      method: "priority",
      buyers: [
        { buyer_id: "sunco", chosen: true },
        { buyer_id: "bolt", reason: "outranked" },
      ],
    },
  ];
  expect(stored(trace)).toEqual([
    1,
    { check: "filters", result: "ended", detail: { by: "campaign" } },
    ["priority", [["sunco"], "bolt"]],
  ]);
});
