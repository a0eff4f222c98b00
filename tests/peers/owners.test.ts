import { describe, expect, test } from "bun:test";
import { CLAIM_MS, openOwners } from "#peers/owners.ts";
import { campaignToMove, ownerFor } from "#peers/spread.ts";

const OTHER = { id: "other", campaigns: 0, leadsPerSecond: 0, node: null };

function ownersAt() {
  const world = { now: 0 };
  const owners = openOwners("own", { elapsedMs: () => world.now });
  owners.others([OTHER], null);
  return { owners, world };
}

describe("a campaign's owner", () => {
  test("is whoever takes its first lead, and each server gets as many campaigns", () => {
    const { owners } = ownersAt();
    const claims = owners.claimsFor(["a", "b", "c", "d"], []);
    expect(claims.map(({ serverId }) => serverId)).toEqual(["own", "other", "own", "other"]);
    expect(["a", "b"].map(owners.elsewhere)).toEqual([undefined, "other"]);
    expect(owners.own()).toEqual(["a", "c"]);
  });

  test("is the one on record while its claim lasts", () => {
    const { owners, world } = ownersAt();
    const found = [{ campaignId: "a", serverId: "other", restMs: 3_000 }];
    expect(owners.claimsFor(["a"], found)).toEqual([]);
    world.now = 2_999;
    expect(owners.elsewhere("a")).toBe("other");
    world.now = 3_000;
    expect(owners.elsewhere("a")).toBeUndefined();
    expect(owners.claimsFor(["a"], [{ campaignId: "a", serverId: "other", restMs: -1 }])).toEqual([
      { campaignId: "a", serverId: "own" },
    ]);
  });

  test("renews its claim in the second half of it, and not before", () => {
    const { owners } = ownersAt();
    const own = (restMs: number) => [{ campaignId: "a", serverId: "own", restMs }];
    expect(owners.claimsFor(["a"], own(CLAIM_MS))).toEqual([]);
    expect(owners.claimsFor(["a"], own(CLAIM_MS / 2))).toEqual([{ campaignId: "a", serverId: "own" }]);
  });

  test("that does not answer loses its campaigns to who has a lead in hand, and is given none for a while", () => {
    const { owners, world } = ownersAt();
    const found = [{ campaignId: "a", serverId: "other", restMs: 9_000 }];
    owners.claimsFor(["a"], found);
    owners.lost("other");
    expect(owners.elsewhere("a")).toBeUndefined();
    expect(owners.claimsFor(["a", "b", "c"], found)).toEqual([
      { campaignId: "a", serverId: "own" },
      { campaignId: "b", serverId: "own" },
      { campaignId: "c", serverId: "own" },
    ]);
    world.now = 10_000;
    owners.learn("a", "own");
    expect(owners.claimsFor(["d"], [])).toEqual([{ campaignId: "d", serverId: "other" }]);
  });

  test("is nobody else where no other server is known", () => {
    const { owners } = ownersAt();
    owners.learn("a", "other");
    owners.others([], null);
    expect(owners.isShared()).toBe(false);
    expect(owners.elsewhere("a")).toBeUndefined();
  });
});

describe("on nodes of Citus", () => {
  const nodes = () => {
    const { owners } = ownersAt();
    const there = [
      { ...OTHER, node: 1, campaigns: 5 },
      { ...OTHER, id: "third", node: 2, campaigns: 9 },
      { ...OTHER, id: "fourth", node: 2 },
    ];
    owners.others(there, 1);
    return owners;
  };

  test("a lead of a campaign that is on another node goes to a server of that node, or nowhere while there is none", () => {
    const owners = nodes();
    expect(owners.elsewhere("a", 2)).toBe("fourth");
    expect(owners.elsewhere("a", 1)).toBeUndefined();
    expect(owners.elsewhere("a", 3)).toBeUndefined();
  });

  test("a campaign is claimed for no server of another node, however little that has to do", () => {
    expect(nodes().claimsFor(["a"], [])).toEqual([{ campaignId: "a", serverId: "own" }]);
  });
});

describe("campaigns are spread", () => {
  const worker = (id: string, campaigns: number, leadsPerSecond: number) => ({
    id,
    campaigns,
    leadsPerSecond,
    node: null,
  });

  test("a new one goes to who has the fewest, of those to who has least to do, and of equals to who has the lead", () => {
    expect(ownerFor(worker("own", 1, 0), [worker("one", 1, 0), worker("two", 2, 0)])).toBe("own");
    expect(ownerFor(worker("own", 2, 0), [worker("one", 1, 900), worker("two", 1, 20)])).toBe("two");
  });

  test("a server with more to do gives the one away that evens it out most", () => {
    const own = new Map([
      ["hot", 900],
      ["warm", 400],
      ["cold", 1],
    ]);
    expect(campaignToMove(own, [worker("one", 3, 800), worker("two", 1, 100)])).toEqual({
      campaignId: "warm",
      to: "two",
    });
  });

  test("none is moved that would only change who is busy, nor the only one, nor where there is little to do", () => {
    expect(
      campaignToMove(
        new Map([
          ["hot", 900],
          ["cold", 1],
        ]),
        [worker("one", 1, 100)],
      ),
    ).toBeUndefined();
    expect(campaignToMove(new Map([["hot", 900]]), [worker("one", 0, 0)])).toBeUndefined();
    expect(
      campaignToMove(
        new Map([
          ["a", 4],
          ["b", 4],
        ]),
        [worker("one", 0, 0)],
      ),
    ).toBeUndefined();
    expect(
      campaignToMove(
        new Map([
          ["a", 100],
          ["b", 90],
        ]),
        [],
      ),
    ).toBeUndefined();
  });
});
