import { expect, test } from "bun:test";
import type { RefusedLead } from "#handover/outbox.ts";
import { openSettlement } from "#intake/settle.ts";
import { newUuid } from "#text/ids.ts";
import { JOBS_OF_ONE } from "#time/jobs.ts";
import { testClock } from "../support/leadgate.ts";

type SettlerParts = Parameters<typeof openSettlement>[0];

/** Lets everything happen that waits for nothing but its turn. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 5_000; turn += 1) await Promise.resolve();
}

function refusedLead(): RefusedLead {
  const ids = { campaignId: "auto", leadId: newUuid(), deliveryId: newUuid() };
  return { ...ids, buyerId: "acme", verdict: "rejected" };
}

/** Refusals of leads that are on record no more, whose marks are taken off; those of `bad` cannot be read. */
function settlement(refused: RefusedLead[], bad: ReadonlySet<RefusedLead>) {
  const clock = testClock();
  const tried = new Map<string, number>();
  const warned: string[] = [];
  const ignore = () => undefined;
  const outbox = {
    onRefusal: ignore,
    async unsettledRefusals(after: string | undefined, limit: number) {
      return refused.filter(({ deliveryId }) => after === undefined || deliveryId > after).slice(0, limit);
    },
    async meantFor(leadId: string) {
      tried.set(leadId, (tried.get(leadId) ?? 0) + 1);
      if ([...bad].some((each) => each.leadId === leadId)) throw new Error("it cannot be read");
      return [];
    },
    async dismissRefusal({ deliveryId }: RefusedLead) {
      refused.splice(
        refused.findIndex((each) => each.deliveryId === deliveryId),
        1,
      );
    },
  };
  const parts = {
    outbox,
    clock,
    jobs: JOBS_OF_ONE,
    database: { read: async () => undefined },
    log: { warn: (message: string) => warned.push(message) },
  } as unknown as SettlerParts;
  return { settling: openSettlement(parts), clock, tried, warned };
}

test("refusals that cannot be settled hold up none of those behind them, and are tried again at the next look", async () => {
  const refused = Array.from({ length: 70 }, refusedLead);
  const bad = new Set(refused.slice(0, 40));
  const { settling, clock, tried, warned } = settlement(refused, bad);
  settling.start();
  await settled();
  expect(refused).toEqual([...bad]);
  expect(warned).toHaveLength(40);
  clock.pass(15_000);
  await settled();
  expect([...bad].map(({ leadId }) => tried.get(leadId))).toEqual(Array.from({ length: 40 }, () => 2));
  await settling.stop();
});

test("a lead that two buyers have refused is settled for one of them after the other", async () => {
  const one = refusedLead();
  const refused = [one, { ...one, buyerId: "bolt", deliveryId: newUuid() }];
  const { settling, tried } = settlement(refused, new Set());
  settling.start();
  await settled();
  expect(refused).toEqual([]);
  expect(tried.get(one.leadId)).toBe(2);
  await settling.stop();
});
