import { describe, expect, test } from "bun:test";
import { aDocument } from "../support/leadgate.ts";
import { startLoad } from "../support/load.ts";
import { leads } from "../support/people.ts";
import { startLeadgate } from "../support/process.ts";
import { discardOnceLeft, expectSoundRecord, preparedDatabase } from "./record.ts";
import { chance, ROUNDS, someMoment } from "./rounds.ts";

describe.each(["postgres", "embedded"] as const)("server that is killed under load (%s)", (kind) => {
  test(
    "a server that is killed under load has every lead that it acknowledged, once, when it is back",
    async () => {
      const settings = await preparedDatabase(kind);
      await using server = await startLeadgate(settings);
      const { keys } = await server.configure(
        aDocument({ contracts: { first: { caps: { day: { leads: 200 } } } } }),
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
      await expectSoundRecord({ settings, loads: [load], servers: [server] });
      await discardOnceLeft(settings);
    },
    60_000 + ROUNDS * 10_000,
  );
});
