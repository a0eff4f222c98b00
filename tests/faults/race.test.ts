import { expect, test } from "bun:test";
import type { ConfigurationDocument } from "#campaigns/document.ts";
import { postgresSettings } from "../support/database.ts";
import { aDocument } from "../support/leadgate.ts";
import { type Load, type Outgoing, startLoad } from "../support/load.ts";
import { aPersonsLead, leads, spellingsOfOnePhone } from "../support/people.ts";
import { startLeadgate } from "../support/process.ts";
import { discardOnceLeft, expectSoundRecord, type Recorded } from "./record.ts";
import { chance, ROUNDS, someMoment } from "./rounds.ts";

/**
 * Two servers on one Postgres, with a configuration in force. Both have connected to it and taken a lead in, so that neither
 * is done before the other begins; and their batches are small, so that a cap fills in many turns of both.
 */
async function startTwoServers(document: ConfigurationDocument) {
  const settings = { ...(await postgresSettings()), environment: { LEADGATE_MAX_BATCH: "8" } };
  const [one, other] = await Promise.all([startLeadgate(settings), startLeadgate(settings)]);
  const { keys } = await one.configure({
    ...document,
    campaigns: [...(document.campaigns ?? []), ...withoutBuyers],
  });

  function startLoadOnBoth(more: { lines: number; leads: Iterable<Outgoing> }): Promise<Load> {
    return startLoad({ ports: [one.port, other.port], key: keys["acme"] ?? "", ...more });
  }

  const first = await startLoadOnBoth({ lines: 2, leads: firstLeads() });
  await first.done;

  /** Stops them, checks what must always be so, and counts the leads that each buyer got. */
  async function outcome(load: Load) {
    await Promise.all([one.stop(), other.stop()]);
    const all = await expectSoundRecord({ settings, loads: [first, load], servers: [one, other] });
    const recorded = all.filter(({ id }) => first.acknowledged.every((lead) => lead.id !== id));
    await discardOnceLeft(settings);
    const got: Record<string, number> = {};
    for (const { buyer_id } of recorded) if (buyer_id !== null) got[buyer_id] = (got[buyer_id] ?? 0) + 1;
    return { recorded, got };
  }

  return {
    one,
    startLoadOnBoth,
    outcome,
    async [Symbol.asyncDispose]() {
      await Promise.all([one, other].map((server) => server[Symbol.asyncDispose]()));
    },
  };
}

/** A campaign whose leads change nothing for the others. */
const withoutBuyers = aDocument({ campaign: { id: "first-leads", buyers: [] } }).campaigns ?? [];

function* firstLeads(): Generator<Outgoing> {
  for (let sent = 0; sent < 2; sent++) yield aPersonsLead({ flo_campaign_id: "first-leads" });
}

/** Between them 100 leads: 60 by the first contract's cap, 30 by the second's, the rest by the supplier's own. */
const hundredInAll = aDocument({
  link: { caps: { total: { leads: 100 } } },
  contracts: { first: { caps: { total: { leads: 60 } } }, second: { caps: { total: { amount: "600.00" } } } },
});

test("5,000 leads at once on two servers fill caps of 100 to the last one and no further", async () => {
  await using servers = await startTwoServers(hundredInAll);
  await using load = await servers.startLoadOnBoth({ lines: 5000, leads: leads(5000) });
  await load.done;
  const { recorded, got } = await servers.outcome(load);
  expect(recorded).toHaveLength(5000);
  expect(got).toEqual({ first: 60, second: 30, third: 10 });
}, 120_000);

/** Two campaigns, each with a lane of its own on each server, that share a buyer with room for 100. */
const sharedBuyer = (() => {
  const document = aDocument({
    buyers: { first: { caps: { total: { leads: 100 } } } },
    contracts: { second: { status: "paused" }, third: { status: "paused" } },
  });
  const campaigns = document.campaigns ?? [];
  return { ...document, campaigns: [...campaigns, ...campaigns.map((each) => ({ ...each, id: "wind" }))] };
})();

function* leadsOfBothCampaigns(count: number): Generator<Outgoing> {
  for (let sent = 0; sent < count; sent++) {
    yield aPersonsLead({ flo_campaign_id: sent % 2 === 0 ? "solar" : "wind" });
  }
}

test(
  "a server killed in the middle neither loses nor adds a lead of a buyer's cap over two campaigns",
  async () => {
    for (let round = 0; round < Math.ceil(ROUNDS / 3); round++) {
      await using servers = await startTwoServers(sharedBuyer);
      // Few lines, so that the cap is still filling when the kill comes.
      await using load = await servers.startLoadOnBoth({ lines: 16, leads: leadsOfBothCampaigns(600) });
      await load.acknowledging(chance(10, 60));
      await servers.one.kill();
      await load.done;
      const { got } = await servers.outcome(load);
      expect(got).toEqual({ first: 100 });
    }
  },
  60_000 + ROUNDS * 10_000,
);

const PEOPLE = 5;

/** 200 leads of each, one person after the other, who types the phone in eight ways and the e-mail anew each time. */
function* equalLeads(): Generator<Outgoing> {
  for (let person = 0; person < PEOPLE; person++) {
    const spellings = spellingsOfOnePhone();
    for (let sent = 0; sent < 200; sent++) yield aPersonsLead({ phone: spellings[sent % spellings.length] });
  }
}

function countsByStatus(recorded: readonly Recorded[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status } of recorded) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

test("of 200 equal leads at once on two servers, in eight spellings of one phone, one is accepted", async () => {
  await using servers = await startTwoServers(aDocument());
  await using load = await servers.startLoadOnBoth({ lines: 200, leads: equalLeads() });
  await load.done;
  const { recorded } = await servers.outcome(load);
  expect(countsByStatus(recorded)).toEqual({ ACCEPTED: PEOPLE, DUPLICATE: PEOPLE * 199 });
}, 120_000);

test(
  "of equal leads one is accepted, too, when a server is killed in the middle",
  async () => {
    for (let round = 0; round < Math.ceil(ROUNDS / 3); round++) {
      await using servers = await startTwoServers(aDocument());
      await using load = await servers.startLoadOnBoth({ lines: 200, leads: equalLeads() });
      await load.acknowledging(chance(0, PEOPLE * 100));
      await someMoment();
      await servers.one.kill();
      await load.done;
      const { recorded } = await servers.outcome(load);
      expect(countsByStatus(recorded)).toEqual({ ACCEPTED: PEOPLE, DUPLICATE: PEOPLE * 199 });
    }
  },
  60_000 + ROUNDS * 10_000,
);
