import type { ConfigurationDocument } from "#campaigns/document.ts";
import { CAMPAIGN, hotCampaign, SUPPLIER } from "./campaign.ts";
import { type Ground, onGround, query } from "./database.ts";
import { median, table, verdict, whole } from "./figures.ts";
import type { Measured } from "./load.ts";
import { measure, SUPPLIER_KEY, setUp, startLeadgate, type Window } from "./servers.ts";

/**
 * `bun bench/ping.ts`, or `bun run bench --ping`: pings on one hot campaign whose buyers have fixed prices, beside leads on one with the
 * same mapping, filters, lists and buyers, in turn on one server and one Postgres.
 */

const PINGED = "pinged-campaign";
const CONNECTIONS = 64;

/** The hot campaign once more, in ping-post mode. */
function withPingPost(): ConfigurationDocument {
  const [campaign] = hotCampaign.campaigns ?? [];
  const fast = { per_second: 1_000_000, burst_per_second: 1_000_000, burst_seconds: 1 };
  return {
    ...hotCampaign,
    suppliers: [{ id: SUPPLIER, rate_limits: { ingest: fast, ping: fast } }],
    campaigns: [
      ...(hotCampaign.campaigns ?? []),
      { ...campaign, id: PINGED, name: "Pinged", mode: "ping_post" },
    ],
  };
}

export async function measurePings(ground: Ground, window: Window, rounds: number): Promise<void> {
  const url = await ground.createDatabase("pings");
  const server = await startLeadgate({ databaseUrl: url }, ground.folder);
  await setUp(server, withPingPost());
  await mustBeAccepted(server.port);
  const leads: Measured[] = [];
  const pings: Measured[] = [];
  for (let round = 1; round <= rounds; round++) {
    leads.push(await measure(server.port, CONNECTIONS, window, CAMPAIGN));
    pings.push(await measure(server.port, CONNECTIONS, { ...window, route: "ping" }, PINGED));
  }
  await server.stop();
  const row = (says: string, measured: readonly Measured[]) => [
    says,
    whole(median(measured.map((each) => each.leadsPerSecond))),
    median(measured.map((each) => each.p50)).toFixed(2),
    median(measured.map((each) => each.p99)).toFixed(2),
  ];
  console.log(
    table([
      [`at ${CONNECTIONS} connections`, "per second", "p50 ms", "p99 ms"],
      row("leads", leads),
      row("pings", pings),
    ]),
  );
  const rate = (measured: readonly Measured[]) => median(measured.map((each) => each.leadsPerSecond));
  const says = "Pings to leads, per second at 64 connections";
  console.log(`\n${table([verdict({ says, figure: rate(pings) / rate(leads), atLeast: 2 })])}\n`);
  const [kept] = await query(url, `select count(*) from leads where campaign_id = '${PINGED}'`);
  if (Number(kept?.count) !== 0) throw new Error("a ping went on record");
}

/** The load only counts answers, so one is looked at beforehand. */
async function mustBeAccepted(port: number): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${port}/api/v1/ping`, {
    method: "POST",
    headers: { "x-api-key": SUPPLIER_KEY, "content-type": "application/json" },
    body: JSON.stringify({
      flo_campaign_id: PINGED,
      flo_supplier_id: SUPPLIER,
      state: "TX",
      case_type: "auto",
      roof_age: 10,
    }),
  });
  const said = (await answer.json()) as { accepted?: boolean };
  if (said.accepted !== true) throw new Error(`the ping was not accepted: ${JSON.stringify(said)}`);
}

if (import.meta.main) {
  await onGround((ground) => measurePings(ground, { seconds: 4, warmUpSeconds: 1 }, 3));
}
