import { describe, expect, test } from "bun:test";
import { askUntilDecided, readAnswers } from "#intake/confirm.ts";
import type { LaneResult } from "#intake/lane/batch.ts";
import type { LeadEntry } from "#intake/lane/entry.ts";
import { type Lanes, NotTakenIn } from "#intake/lane/lane.ts";
import type { Arrived, PriorDecision, Reopened } from "#leads/candidate.ts";
import type { BuyersAnswer } from "#leads/trace.ts";
import { testClock } from "../support/leadgate.ts";
import { aSale } from "../support/prior.ts";

const arrived: Arrived = {
  kind: "arrived",
  id: "019b0000-0000-7000-8000-000000000001",
  requestId: "r",
  campaignId: "solar",
  supplierId: "acme",
  keyId: "key",
  body: { first_name: "Ada" },
  idempotency: { key: "k", requestHash: "h" },
  ping: null,
};

const SOLD = { httpStatus: 201, body: '{"data":{}}', replayed: false };
const BUDGET_MS = 1_000;

/** The lead on record, reserved for a buyer. */
function entryFor(buyerId: string, prior: PriorDecision | null = null): LeadEntry {
  return {
    lead: arrived,
    status: "PENDING",
    sales: [aSale(buyerId, { status: "reserved" })],
    former: [],
    isTest: false,
    duplicateOf: null,
    decidedAt: 1,
    fields: {},
    prior,
    pingId: null,
  } as unknown as LeadEntry;
}

/**
 * Asks buyer after buyer: each takes some ms and answers something, and then the lane does what the next one of `then` says, with the lead
 * as it was handed over.
 */
async function asking(buyers: readonly [id: string, takesMs: number, answer: BuyersAnswer][]) {
  const clock = testClock();
  const given: number[] = [];
  const reopened: Reopened[] = [];
  const pendingAt = (index: number): LaneResult => {
    const [buyerId, takesMs, answer] = buyers[index] ?? expect.unreachable();
    return {
      pending: entryFor(buyerId, reopened.at(-1)?.prior),
      budgetMs: BUDGET_MS,
      ask(withinMs) {
        given.push(withinMs);
        clock.pass(Math.min(takesMs, withinMs));
        return Promise.resolve(new Map([[buyerId, answer]]));
      },
    };
  };
  const lanes: Pick<Lanes, "takeIn"> = {
    takeIn(lead) {
      if (lead.kind === "reopened") reopened.push(lead);
      const next = reopened.length;
      return Promise.resolve(next < buyers.length ? pendingAt(next) : { answer: SOLD });
    },
  };
  const reply = await askUntilDecided(pendingAt(0), { lanes, clock });
  return { reply, given, reopened };
}

describe("a lead whose buyer is asked first", () => {
  test("a lead whose buyer is asked first is decided by the answer, as it stood on record", async () => {
    const { reply, given, reopened } = await asking([["first", 100, "confirmed"]]);
    expect(reply).toBe(SOLD);
    expect(given).toEqual([BUDGET_MS]);
    expect(reopened).toMatchObject([
      {
        kind: "reopened",
        id: arrived.id,
        body: arrived.body,
        idempotency: arrived.idempotency,
        prior: { cause: "confirmed", status: "PENDING", sales: [{ id: "sale to first" }], outOfTime: false },
      },
    ]);
  });

  test("a lead whose buyer is asked first leaves the next buyer what is left of the time, and is not offered to those that refused", async () => {
    const { given, reopened } = await asking([
      ["first", 400, "refused"],
      ["second", 300, "unclear"],
    ]);
    expect(given).toEqual([BUDGET_MS, BUDGET_MS - 400]);
    expect(reopened.map(({ prior }) => [prior.cause, [...prior.refusedBy]])).toEqual([
      ["refused", ["first"]],
      ["unclear", ["first", "second"]],
    ]);
  });

  test("a lead whose buyer is asked first asks nobody more when the time that is left is too short to answer in", async () => {
    const { reopened } = await asking([["first", BUDGET_MS - 99, "refused"]]);
    expect(reopened.map(({ prior }) => prior.outOfTime)).toEqual([true]);
  });

  test("a lead whose buyer is asked first is decided again by the same answer when that could not be written", async () => {
    let refusals = 1;
    const lanes = {
      takeIn(lead: Arrived | Reopened) {
        if (refusals-- > 0) return Promise.reject(new NotTakenIn("The database is not available.", 2));
        return Promise.resolve({ answer: { ...SOLD, body: lead.kind } });
      },
    };
    const pending = {
      pending: entryFor("first"),
      budgetMs: BUDGET_MS,
      ask: () => Promise.resolve(new Map([["first", "confirmed" as const]])),
    };
    const reply = await askUntilDecided(pending, { lanes, clock: testClock() });
    expect(reply).toEqual({ ...SOLD, body: "reopened" });
  });
});

describe("the answers to a lead that is held for several buyers", () => {
  const held = ["asked", "also", "silent"].map((id) => aSale(id, { status: "reserved" }));
  const read = (answers: Record<string, BuyersAnswer>, sales = held, before: string[] = []) => {
    const { undone, mayHave, ...others } = readAnswers(
      sales,
      new Map(Object.entries(answers)),
      new Set(before),
    );
    const { answers: _, ...rest } = others;
    return { ...rest, undone: undone.map(({ buyerId }) => buyerId), mayHave: [...mayHave] };
  };

  test("the answers to a lead that is held for several buyers leave it with all of them when all that were asked confirm", () => {
    expect(read({ asked: "confirmed", also: "confirmed" })).toEqual({
      cause: "confirmed",
      undone: [],
      lost: [],
      mayHave: [],
    });
  });

  test("the answers to a lead that is held for several buyers leave it with those that confirm, and have the others chosen anew", () => {
    expect(read({ asked: "confirmed", also: "refused" })).toEqual({
      cause: "refused",
      undone: ["also", "silent"],
      lost: ["also"],
      mayHave: [],
    });
  });

  test("the answers to a lead that is held for several buyers take a place from nobody who may have it, nor what is sold already", () => {
    const sales = [...held, aSale("sold")];
    expect(read({ asked: "unclear", also: "confirmed" }, sales, ["earlier"])).toEqual({
      cause: "unclear",
      undone: ["asked", "silent"],
      lost: ["asked"],
      mayHave: ["earlier", "asked"],
    });
  });
});
