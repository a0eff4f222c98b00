import { describe, expect, test } from "bun:test";
import { openDatabase } from "#database/engine/connect.ts";
import { whereabouts } from "../erasure/people-on-record.ts";
import { violations } from "../support/invariants.ts";
import { aDocument, OPERATOR_KEY } from "../support/leadgate.ts";
import { givenAway } from "../support/people.ts";
import { type LeadgateProcess, startLeadgate, untilTrue } from "../support/process.ts";
import { discardOnceLeft, preparedDatabase } from "./record.ts";

const LEADS = 400;
const PERSON = {
  first_name: "Zebulonia",
  last_name: "Quackenbush",
  phone: "5127770001",
  email: "zeb@people-of-the-tests.example",
};

async function call(server: LeadgateProcess, path: string, init: RequestInit = {}) {
  const response = await fetch(`${server.url}/api/v1${path}`, { keepalive: false, ...init });
  return (await response.json()) as { data: Report };
}

interface Report {
  id: string;
  state: string;
  erased: { leads: number; duplicate_keys: number };
}

const operator = { authorization: `Bearer ${OPERATOR_KEY}`, "content-type": "application/json" };

describe.each(["postgres", "embedded"] as const)("server that is killed while it forgets (%s)", (kind) => {
  test("a server that is killed while it forgets goes on when it is back, and counts each lead once", async () => {
    const settings = await preparedDatabase(kind);
    await using server = await startLeadgate(settings);
    const { keys } = await server.configure(
      aDocument({ campaign: { duplicates: { action: "route_to_original" } } }),
    );
    const headers = { "x-api-key": keys["acme"] ?? "", "content-type": "application/json" };
    const lead = JSON.stringify({ flo_campaign_id: "solar", flo_supplier_id: "acme", ...PERSON });
    await Promise.all(
      Array.from({ length: LEADS }, () => call(server, "/ingest", { method: "POST", headers, body: lead })),
    );
    const { data } = await call(server, "/admin/erasures", {
      method: "POST",
      headers: operator,
      body: JSON.stringify({ phone: PERSON.phone, email: PERSON.email }),
    });
    const report = async () => (await call(server, `/admin/erasures/${data.id}`, { headers: operator })).data;
    await untilTrue(async () => (await report()).erased.leads > 0, "some leads to be erased");
    await server.kill();
    await server.start();
    const atOnce = (await report()).erased.leads;
    expect(atOnce).toBeLessThanOrEqual(LEADS);
    await untilTrue(async () => (await report()).state === "done", "the person to be forgotten");
    expect((await report()).erased).toMatchObject({ leads: LEADS, duplicate_keys: 2 });
    expect(await server.stop()).toBe(0);
    expect(givenAway(server.written())).toEqual([]);
    const database = await openDatabase(settings);
    expect(await whereabouts(database, [...Object.values(PERSON), "512777"])).toEqual([]);
    expect(await violations(database)).toEqual([]);
    await database.close();
    await discardOnceLeft(settings);
  }, 120_000);
});
