import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Contract } from "#campaigns/campaign.ts";
import type { Distribution } from "#campaigns/definition.ts";
import type { Contender, Offer, Turn } from "#intake/decide/contender.ts";
import { deficitsAfter, nextInTurn } from "#intake/decide/rotation.ts";
import { runs } from "../../support/runs.ts";

interface Standing {
  id: string;
  weight?: number;
  priority?: number;
  price?: number;
}

/** Serves `leads` leads one after another; says who got each. `canTake` tells whether a contract may have that lead. */
function serve(
  method: Distribution,
  standings: readonly Standing[],
  leads: number,
  canTake: (id: string, lead: number) => boolean = () => true,
): string[] {
  const turns = new Map<string, Turn>(standings.map(({ id }) => [id, { lastTurn: 0, deficit: 0 }]));
  const served: string[] = [];
  for (let lead = 0; lead < leads; lead++) {
    const contenders = standings
      .filter(({ id }) => canTake(id, lead))
      .map((standing) => contender(standing, turns.get(standing.id) ?? { lastTurn: 0, deficit: 0 }));
    const [first, ...others] = contenders;
    if (first === undefined) continue;
    const winner = nextInTurn(method, [first, ...others]).contract.buyerId;
    if (method === "weighted") {
      for (const [id, deficit] of deficitsAfter(contenders, winner)) turns.set(id, { lastTurn: 0, deficit });
    }
    turns.set(winner, { lastTurn: lead + 1, deficit: turns.get(winner)?.deficit ?? 0 });
    served.push(winner);
  }
  return served;
}

function contender({ id, weight = 1, priority = 1, price = 10 }: Standing, turn: Turn): Contender {
  const contract = { buyerId: id, price, weight, priority } as unknown as Contract;
  const offer = {
    price,
    payout: price,
    furtherPayout: price,
    reference: null,
    isOpen: false,
  } as unknown as Offer;
  return { contract, offer, turn };
}

describe("round robin", () => {
  test("round robin serves the one that waited longest", () => {
    expect(serve("round_robin", [{ id: "a" }, { id: "b" }, { id: "c" }], 7)).toEqual([
      "a",
      "b",
      "c",
      "a",
      "b",
      "c",
      "a",
    ]);
  });

  test("round robin gives a buyer that was away its turn when it is back, not all the leads it missed", () => {
    const served = serve("round_robin", [{ id: "a" }, { id: "b" }], 8, (id, lead) => id === "a" || lead >= 4);
    expect(served).toEqual(["a", "a", "a", "a", "b", "a", "b", "a"]);
  });
});

describe("priority", () => {
  test("priority serves the lowest rank for as long as it can take leads", () => {
    const standings = [
      { id: "second", priority: 2 },
      { id: "first", priority: 1 },
    ];
    expect(serve("priority", standings, 4, (id, lead) => id !== "first" || lead < 2)).toEqual([
      "first",
      "first",
      "second",
      "second",
    ]);
  });

  test("priority takes turns among equals", () => {
    const standings = [
      { id: "a", priority: 1 },
      { id: "b", priority: 1 },
      { id: "c", priority: 2 },
    ];
    expect(serve("priority", standings, 4)).toEqual(["a", "b", "a", "b"]);
  });
});

describe("highest bid", () => {
  test("highest bid serves the best price, and takes turns among equal ones", () => {
    const standings = [
      { id: "low", price: 10 },
      { id: "high", price: 20 },
      { id: "as-high", price: 20 },
    ];
    expect(serve("highest_bid", standings, 4)).toEqual(["high", "as-high", "high", "as-high"]);
  });
});

describe("weighted distribution", () => {
  test("weighted distribution keeps every share within one lead of its weight, after every single lead", () => {
    const weights = fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(weights, fc.integer({ min: 1, max: 400 }), (each, leads) => {
        const standings = each.map((weight, index) => ({ id: `buyer-${index}`, weight }));
        const total = each.reduce((sum, weight) => sum + weight, 0);
        const counts = new Map<string, number>();
        for (const [index, id] of serve("weighted", standings, leads).entries()) {
          counts.set(id, (counts.get(id) ?? 0) + 1);
          for (const { id: of, weight } of standings) {
            const due = ((index + 1) * weight) / total;
            expect(Math.abs((counts.get(of) ?? 0) - due)).toBeLessThan(1 + 1e-6);
          }
        }
      }),
      { numRuns: runs(60) },
    );
  });

  test("weighted distribution shares 50, 30 and 20 of each hundred leads exactly", () => {
    const standings = [
      { id: "a", weight: 50 },
      { id: "b", weight: 30 },
      { id: "c", weight: 20 },
    ];
    const served = serve("weighted", standings, 1000);
    const count = (id: string) => served.filter((each) => each === id).length;
    expect([count("a"), count("b"), count("c")]).toEqual([500, 300, 200]);
  });

  test("weighted distribution shares over those that can take the leads, and owes nothing to one that could not", () => {
    const standings = [
      { id: "a", weight: 1 },
      { id: "b", weight: 1 },
      { id: "c", weight: 2 },
    ];
    const served = serve("weighted", standings, 300, (id, lead) => id !== "c" || lead >= 200);
    const early = served.slice(0, 200);
    const late = served.slice(200);
    expect(early.filter((id) => id === "a").length).toBe(100);
    expect(Math.abs(late.filter((id) => id === "c").length - 50)).toBeLessThanOrEqual(1);
  });

  test("weighted distribution owes nobody more than one lead, whoever of them can take each lead", () => {
    const weights = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 2, maxLength: 6 });
    fc.assert(
      fc.property(weights, fc.array(fc.nat(), { maxLength: 200 }), (each, sets) => {
        const turns = new Map<string, Turn>();
        for (const set of sets) {
          const contenders = each.flatMap((weight, index) => {
            const id = `buyer-${index}`;
            const turn = turns.get(id) ?? { lastTurn: 0, deficit: 0 };
            return (set >> index) % 2 === 0 ? [] : [contender({ id, weight }, turn)];
          });
          const [first, ...others] = contenders;
          if (first === undefined) continue;
          const served = nextInTurn("weighted", [first, ...others]).contract.buyerId;
          for (const [id, deficit] of deficitsAfter(contenders, served)) {
            expect(Math.abs(deficit)).toBeLessThanOrEqual(1);
            turns.set(id, { lastTurn: 0, deficit });
          }
        }
      }),
      { numRuns: runs(60) },
    );
  });

  test("weighted distribution owes nothing for a lead that none but the one served could have", () => {
    const alone = contender({ id: "a", weight: 3 }, { lastTurn: 0, deficit: 0.25 });
    expect([...deficitsAfter([alone], "a")]).toEqual([["a", 0.25]]);
  });
});
