import { expect, test } from "bun:test";
import { sql } from "drizzle-orm";
import { DatabaseUnavailable } from "#database/database.ts";
import { mailKey } from "#delivery/alerts/alert-deliveries.ts";
import { openAlerts } from "#delivery/alerts/alerts.ts";
import type { Alert } from "#handover/alert.ts";
import { rowsOf } from "../../journeys/delivery-journeys.ts";
import { onBothDatabases } from "../../support/database.ts";
import { aDocument, openLeadgate, testClock } from "../../support/leadgate.ts";

/** Lets everything happen that waits for nothing but its turn. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 500; turn += 1) await Promise.resolve();
}

/** Alerts on a database that does as it is told, one write after another, and takes all that come after these. */
function alertsOn(outcomes: ("taken" | "refused" | "away")[]) {
  const clock = testClock();
  const warned: string[] = [];
  let writes = 0;
  const database = {
    async write() {
      writes += 1;
      const outcome = outcomes.shift() ?? "taken";
      if (outcome === "refused") throw new Error("a value that no text may hold");
      if (outcome === "away") throw new DatabaseUnavailable("away");
      return [];
    },
  };
  const ignore = () => undefined;
  const log = { debug: ignore, info: ignore, error: ignore, warn: (message: string) => warned.push(message) };
  const parts = { database, clock, log, mailIsSetUp: false, wake: ignore };
  const alerts = openAlerts(parts as unknown as Parameters<typeof openAlerts>[0]);
  return { alerts, clock, log, warned, writes: () => writes };
}

function overdue(number: number): Alert {
  return { event: "invoice.overdue", key: `invoice.overdue:${number}`, campaignId: null, data: { number } };
}

test("an alert that the database refuses is told in the log alone, and holds up no other", async () => {
  const { alerts, clock, warned, writes } = alertsOn(["refused", "taken", "refused"]);
  for (const number of [1, 2, 3]) alerts.tell(overdue(number));
  await settled();
  // All together, and then each.
  expect(writes()).toBe(4);
  expect(warned).toEqual(["an alert cannot be written, and is told in the log alone"]);
  clock.pass(60_000);
  await settled();
  expect(writes()).toBe(4);
});

test("of an endpoint that comes and goes one e-mail an hour goes out, and of one that is paused always", () => {
  const alertOf = (event: Alert["event"], buyer_id: string): Alert => ({
    event,
    key: `${event}:${buyer_id}:then`,
    campaignId: null,
    data: { buyer_id, webhook_id: null, conversion_id: null },
  });
  const at = (time: string) => new Date(`2026-03-01T${time}Z`);
  const keyAt = (event: Alert["event"], time: string, buyer = "sunco") =>
    mailKey(alertOf(event, buyer), at(time));
  expect(keyAt("endpoint.down", "12:00:00")).toBe(String(keyAt("endpoint.down", "12:59:00")));
  expect(keyAt("endpoint.down", "12:59:00")).not.toBe(String(keyAt("endpoint.down", "13:00:00")));
  expect(keyAt("endpoint.down", "12:00:00")).not.toBe(String(keyAt("endpoint.up", "12:00:00")));
  expect(keyAt("endpoint.down", "12:00:00")).not.toBe(String(keyAt("endpoint.down", "12:00:00", "texsun")));
  expect(keyAt("endpoint.paused", "12:00:00")).toBeUndefined();
});

test("alerts wait for a database that is away, and are written together once it is back", async () => {
  const { alerts, clock, warned, writes } = alertsOn(["away"]);
  for (const number of [1, 2, 3]) alerts.tell(overdue(number));
  await settled();
  expect(warned).toEqual(["alerts cannot be written"]);
  clock.pass(5_000);
  await settled();
  expect(writes()).toBe(2);
});

onBothDatabases("what two campaigns of a batch have to tell", (world) => {
  test("is told once where it is the same, as of a buyer that both have sold to", async () => {
    const { database } = world;
    const leadgate = openLeadgate(database);
    const endpoint = { url: "https://ops.company.example/", events: ["cap.reached" as const] };
    await leadgate.configure(aDocument({ more: { webhooks: [{ id: "ops", ...endpoint }] } }));
    const { clock, log } = alertsOn([]);
    const alerts = openAlerts({ database, clock, log, mailIsSetUp: false, wake: () => undefined });
    const reached: Alert = { event: "cap.reached", key: "cap.reached:first", campaignId: null, data: {} };
    const committed = await database.write((tx) =>
      alerts.tellIn(tx, [reached, { ...reached, key: "cap.reached:second" }, reached]),
    );
    committed();
    const left = sql`select count(*)::int as count from deliveries where event = 'cap.reached'`;
    expect(await database.read((db) => rowsOf(db, left))).toEqual([{ count: 2 }]);
  });
});
