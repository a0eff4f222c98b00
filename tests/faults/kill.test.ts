import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { aDocument } from "../support/leadgate.ts";
import { startLoad } from "../support/load.ts";
import { leads } from "../support/people.ts";
import { type PretendBuyer, startPretendBuyer } from "../support/pretend-buyer.ts";
import { startLeadgate } from "../support/process.ts";
import { discardOnceLeft, expectSoundRecord, preparedDatabase } from "./record.ts";
import { chance, ROUNDS, someMoment } from "./rounds.ts";

let service: PretendBuyer;
beforeAll(async () => {
  service = await startPretendBuyer({ keepBodies: false });
});
afterAll(() => service.close());

/** Somebody is asked about every third lead, whose answer is remembered: a kill comes also between that and the lane. */
function askedAbout() {
  const when = { field: "phone", op: "matches" as const, value: "[0369]$" };
  const template = { tel: "{phone}" };
  return { campaign: { checks: [{ id: "phone", url: service.url(), when, template, cache_days: 1 }] } };
}

describe.each(["postgres", "embedded"] as const)("server that is killed under load (%s)", (kind) => {
  test(
    "a server that is killed under load has every lead that it acknowledged, once, when it is back",
    async () => {
      const settings = await preparedDatabase(kind);
      await using server = await startLeadgate({
        ...settings,
        environment: { WEBHOOK_ALLOW_CIDRS: "127.0.0.0/8" },
      });
      const { keys } = await server.configure(
        aDocument({
          ...(kind === "postgres" && askedAbout()),
          contracts: { first: { caps: { day: { leads: 200 } } } },
        }),
      );
      await using load = await startLoad({
        ports: [server.port],
        lines: 48,
        key: keys["acme"] ?? "",
        leads: leads(),
      });

      for (let round = 0; round < ROUNDS; round++) {
        await load.acknowledging(load.acknowledged.length + chance(1, 400));
        await someMoment();
        await server.kill();
        await server.start();
      }
      await load.acknowledging(load.acknowledged.length + 1);
      await load.finish();

      expect(await server.stop()).toBe(0);
      expect(load.broken).toBeGreaterThan(0);
      if (kind === "postgres") expect(service.seen.requests).toBeGreaterThan(0);
      await expectSoundRecord({ settings, loads: [load], servers: [server] });
      await discardOnceLeft(settings);
    },
    60_000 + ROUNDS * 10_000,
  );
});
