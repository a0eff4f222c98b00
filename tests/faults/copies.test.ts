import { expect, test } from "bun:test";
import { aDocument, OPERATOR_KEY } from "../support/leadgate.ts";
import { startLoad } from "../support/load.ts";
import { leads } from "../support/people.ts";
import { type LeadgateProcess, startLeadgate, untilTrue } from "../support/process.ts";
import { discardOnceLeft, expectSoundRecord, preparedDatabase } from "./record.ts";

/** Of a line that says who listens. */
interface Listening {
  copy?: number;
  pid: number;
}

test("several processes serve one port; one that is killed is started again, figures are summed up, and all stop at once", async () => {
  const settings = await preparedDatabase("postgres");
  await using server = await startLeadgate({ ...settings, environment: { LEADGATE_PROCESSES: "2" } });
  await listening(server, 2);
  const { keys } = await server.configure(aDocument({ contracts: { first: {} } }));
  await using load = await startLoad({
    ports: [server.port],
    lines: 16,
    key: keys["acme"] ?? "",
    leads: leads(),
  });
  await load.acknowledging(60);
  const second = (await listening(server, 2)).find(({ copy }) => copy === 2);
  process.kill(second?.pid ?? 0, "SIGKILL");
  await listening(server, 3);
  await load.acknowledging(load.acknowledged.length + 60);
  await load.finish();

  const counted = await leadsCounted(server);
  const again = await leadsCounted(server);
  expect(again).toBe(counted);
  expect(counted).toBeGreaterThan(0);
  expect(counted).toBeLessThanOrEqual(load.acknowledged.length);
  expect(await server.stop()).toBe(0);
  await expectSoundRecord({ settings, loads: [load], servers: [server] });
  await discardOnceLeft(settings);
}, 120_000);

/** Resolves with all that listened so far, once they are so many. */
async function listening(server: LeadgateProcess, count: number): Promise<Listening[]> {
  const found = () =>
    server
      .written()
      .split("\n")
      .filter((line) => line.includes('"listening"'))
      .map((line) => JSON.parse(line) as Listening);
  await untilTrue(() => found().length >= count, `${count} processes to listen`);
  return found();
}

async function leadsCounted(server: LeadgateProcess): Promise<number> {
  const response = await fetch(`${server.url}/metrics`, {
    headers: { authorization: `Bearer ${OPERATOR_KEY}` },
    keepalive: false,
  });
  const lines = (await response.text())
    .split("\n")
    .filter((line) => line.startsWith("leadgate_leads_received_total{"));
  return lines.map((line) => Number(line.split(" ").at(-1))).reduce((sum, each) => sum + each, 0);
}
