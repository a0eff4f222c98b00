import { expect, test } from "bun:test";
import { type AskedParty, askParty, type QuestionEnd, withBudget } from "#delivery/recipients/asking.ts";
import { type Breaker, CLOSED } from "#delivery/recipients/breaker.ts";
import { testClock } from "../../support/leadgate.ts";

const PROBE_DUE: Breaker = { state: "open", openedAt: 0, reopenAfterSeconds: 30 };
const clock = testClock();

function asked(party: AskedParty, outcome?: "ok" | "failed") {
  return askParty(party, { most: 3, clock }, async () => ({ answer: outcome, outcome }));
}

test.each([
  [
    "says nothing of the endpoint",
    async (): Promise<QuestionEnd<string>> => ({ answer: "no more today", outcome: undefined }),
  ],
  ["throws", () => Promise.reject(new Error("the database is away"))],
])("the one probe of an open breaker is the next one's again when it %s", async (_, ask) => {
  const party: AskedParty = { inFlight: 0, breaker: PROBE_DUE };
  const first = askParty(party, { most: 3, clock }, ask).catch(() => undefined);
  expect(await asked(party, "ok")).toEqual({ refused: "breaker_open" });
  await first;
  expect([party.inFlight, await asked(party, "ok"), party.breaker]).toEqual([0, { answer: "ok" }, CLOSED]);
});

test("a probe that failed is not made again at once", async () => {
  const party: AskedParty = { inFlight: 0, breaker: PROBE_DUE };
  await asked(party, "failed");
  expect(await asked(party, "ok")).toEqual({ refused: "breaker_open" });
});

test("questions count as on their way from the moment on at which they may be asked", async () => {
  const party: AskedParty = { inFlight: 0, breaker: CLOSED };
  const all = await Promise.all(Array.from({ length: 5 }, () => asked(party, "ok")));
  expect(all.filter((each) => "refused" in each)).toHaveLength(2);
  expect(party.inFlight).toBe(0);
});

test("what has no answer within its budget is over then, and what has no budget is not begun", async () => {
  const ends = (ms: number, work: () => Promise<string>) => withBudget(ms, ({ within }) => within(work));
  let begun = 0;
  const begin = async () => {
    begun += 1;
    return "done";
  };
  expect(await ends(0, begin)).toBe("over");
  expect([await ends(10_000, begin), begun]).toEqual(["done", 1]);
  const broken = withBudget(1, async ({ signal, within }) => {
    const end = await within(() => new Promise(() => undefined));
    return [end, signal.aborted];
  });
  expect(await broken).toEqual(["over", true]);
});
