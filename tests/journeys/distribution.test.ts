import { expect, test } from "bun:test";
import { sql } from "drizzle-orm";
import type { ConfigurationDocument } from "#campaigns/document.ts";
import { aDocument, aLead, type Leadgate } from "../support/leadgate.ts";
import { journeys, sendLead } from "./journeys.ts";
import { ping } from "./pings.ts";

type Method = "priority" | "weighted" | "round_robin" | "highest_bid";
type Contracts = Record<string, { weight?: number; priority?: number; price?: string; states?: string[] }>;

const distributed = (distribution: Method, contracts: Contracts): ConfigurationDocument =>
  aDocument({ campaign: { distribution }, contracts });

/** Who gets the next leads; the server is replaced by a new one after every third. */
async function served(
  leadgate: Leadgate,
  leads: number,
  over: Readonly<Record<string, unknown>> = {},
): Promise<string[]> {
  const buyers: string[] = [];
  let server = leadgate;
  for (let lead = 0; lead < leads; lead++) {
    if (lead % 3 === 2) server = server.another();
    buyers.push((await server.ingest("acme", aLead(over))).body.data.buyer_id);
  }
  return buyers;
}

function counts(buyers: readonly string[]): Record<string, number> {
  const tally: Record<string, number> = {};
  for (const buyer of buyers) tally[buyer] = (tally[buyer] ?? 0) + 1;
  return tally;
}

journeys("distribution", (journey) => {
  test("by priority the lowest rank is served first, equals in turn, over restarts", async () => {
    const { leadgate } = journey;
    const contracts = {
      first: { priority: 2, states: ["TX"] },
      second: { priority: 1, states: ["OK"] },
      third: { priority: 2 },
    };
    await leadgate.configure(distributed("priority", contracts));
    expect(await served(leadgate, 5)).toEqual(["first", "third", "first", "third", "first"]);
    expect(await served(leadgate, 2, { state: "OK" })).toEqual(["second", "second"]);
    expect(await served(leadgate, 1)).toEqual(["third"]);
  });

  test("in round robin the least recently served is next, whoever could not take the last ones, over restarts", async () => {
    const { leadgate } = journey;
    await leadgate.configure(distributed("round_robin", { second: { states: ["TX"] } }));
    expect(await served(leadgate, 4)).toEqual(["first", "second", "third", "first"]);
    expect(await served(leadgate, 3, { state: "OK" })).toEqual(["third", "first", "third"]);
    expect(await served(leadgate, 4)).toEqual(["second", "first", "third", "second"]);
  });

  test("by the highest bid the best price wins, equals in turn, over restarts", async () => {
    const { leadgate } = journey;
    const contracts = { first: { price: "30" }, second: { price: "9.99" }, third: { price: "30.00" } };
    await leadgate.configure(distributed("highest_bid", contracts));
    expect(await served(leadgate, 4)).toEqual(["first", "third", "first", "third"]);
  });

  test("by weight the shares follow the weights within one lead at every moment, over restarts", async () => {
    const { leadgate } = journey;
    const weights = { first: 50, second: 30, third: 20 };
    const contracts = { first: { weight: 50 }, second: { weight: 30 }, third: { weight: 20 } };
    await leadgate.configure(distributed("weighted", contracts));
    const buyers = await served(leadgate, 30);
    for (let leads = 1; leads <= buyers.length; leads++) {
      const tally = counts(buyers.slice(0, leads));
      for (const [buyer, weight] of Object.entries(weights)) {
        expect(Math.abs((tally[buyer] ?? 0) - (leads * weight) / 100)).toBeLessThan(1 + 1e-6);
      }
    }
    expect(counts(buyers)).toEqual({ first: 15, second: 9, third: 6 });
  });

  test("by weight leads are shared among those who can take the lead", async () => {
    const { leadgate } = journey;
    const contracts = {
      first: { weight: 60, states: ["OK"] },
      second: { weight: 30 },
      third: { weight: 10 },
    };
    await leadgate.configure(distributed("weighted", contracts));
    expect(counts(await served(leadgate, 8))).toEqual({ second: 6, third: 2 });
    expect(counts(await served(leadgate, 10, { state: "OK" }))).toEqual({ first: 6, second: 3, third: 1 });
  });

  test("shares by weight are exact also for leads that are decided together on two servers", async () => {
    const { leadgate } = journey;
    const contracts = { first: { weight: 50 }, second: { weight: 30 }, third: { weight: 20 } };
    await leadgate.configure(distributed("weighted", contracts));
    const servers = [leadgate, leadgate.another()];
    const replies = await Promise.all(
      Array.from({ length: 300 }, (_, lead) => (servers[lead % 2] ?? leadgate).ingest("acme", aLead())),
    );
    expect(counts(replies.map(({ body }) => body.data.buyer_id))).toEqual({
      first: 150,
      second: 90,
      third: 60,
    });
  });

  test("by weight nobody is owed what it lost on price: as soon as two bid the same, they share", async () => {
    const { leadgate } = journey;
    const at = (price: string) => {
      const contracts = { first: { price: "12.00" }, second: { price }, third: { states: ["NM"] } };
      return aDocument({ campaign: { mode: "ping_post", distribution: "weighted" }, contracts });
    };
    const post = async () => {
      const { ping_id: flo_ping_id } = (await ping(leadgate)).body;
      return (await leadgate.ingest("acme", aLead({ flo_ping_id }))).body.data.buyer_id;
    };
    const buyers: string[] = [];
    await leadgate.configure(at("10.00"));
    for (let lead = 0; lead < 12; lead++) buyers.push(await post());
    expect(counts(buyers.splice(0))).toEqual({ first: 12 });
    await leadgate.configure(at("12.00"));
    for (let lead = 0; lead < 12; lead++) buyers.push(await post());
    expect(counts(buyers)).toEqual({ first: 6, second: 6 });
  });

  test("by weight nobody is owed what another had alone: as soon as two want leads alone, they share", async () => {
    const { leadgate } = journey;
    const alone = { price: "100.00", exclusive: true };
    const shared = { price: "10.00" };
    const campaign = { distribution: "weighted" as const, max_sells: 2 };
    await leadgate.configure(
      aDocument({ campaign, contracts: { first: alone, second: shared, third: shared } }),
    );
    expect(counts(await served(leadgate, 12))).toEqual({ first: 12 });
    await leadgate.configure(
      aDocument({ campaign, contracts: { first: alone, second: alone, third: shared } }),
    );
    expect(counts(await served(leadgate, 12))).toEqual({ first: 6, second: 6 });
  });

  test("by weight a debt on record of more than one lead is paid off with one", async () => {
    const { leadgate, database } = journey;
    const contracts = { third: { states: ["NM"] } };
    await leadgate.configure(distributed("weighted", contracts));
    expect(counts(await served(leadgate, 2))).toEqual({ first: 1, second: 1 });
    await database.write((db) =>
      db.execute(sql`update campaign_counters set owed = case party_id when 'first' then -40 else 40 end
        where party = 'contract'`),
    );
    const next = counts(await served(leadgate, 12));
    expect(next["second"]).toBeLessThanOrEqual(8);
    expect(next["first"]).toBeGreaterThanOrEqual(4);
  });

  test("the trace names the buyer that was chosen and those that were outranked", async () => {
    const { leadgate } = journey;
    await leadgate.configure(distributed("highest_bid", {}));
    expect(await sendLead(leadgate)).toEqual({
      to: "third",
      passedOver: { first: { reason: "outranked" }, second: { reason: "outranked" } },
    });
  });

  test("the order of buyers survives a change of method: turns are counted under all of them", async () => {
    const { leadgate } = journey;
    await leadgate.configure(distributed("priority", {}));
    expect(await served(leadgate, 2)).toEqual(["first", "first"]);
    await leadgate.configure(distributed("round_robin", {}));
    expect(await served(leadgate, 3)).toEqual(["second", "third", "first"]);
  });
});
