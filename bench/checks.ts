import type { ConfigurationDocument } from "#campaigns/document.ts";
import { hotCampaign } from "./campaign.ts";
import { type Ground, onGround } from "./database.ts";
import { median, table, verdict } from "./figures.ts";
import type { Measured } from "./load.ts";
import { serverTime } from "./processes.ts";
import { measure, type Server, setUp, startBeside, startLeadgate } from "./servers.ts";

/**
 * `bun bench/checks.ts`: the hot campaign with a check that answers after 50 ms, at 500 leads a second, beside the same without it: what
 * asking costs a lead beyond the answer itself, and whether anything waits for it in the lane.
 */

const PACE = 500;
const CONNECTIONS = 128;
const ANSWER_MS = 50;
const WINDOW = { warmUpSeconds: 2, seconds: 6, pace: PACE };
/** While the runtime compiles what runs often, which takes 5 s of another core, a lead waits several times as long. */
const COLD = { warmUpSeconds: 20, seconds: 1, pace: PACE };
const ROUNDS = 3;

type Kind = "plain" | "checked";
type Window = Measured & { serverCpu: number };

async function measureChecks(ground: Ground): Promise<void> {
  const service = await startBeside("checkers.ts", "");
  const servers = { plain: await started(ground, "plain"), checked: await started(ground, "checked") };
  await setUp(servers.plain);
  await setUp(servers.checked, withCheck(service));
  for (const { port } of [servers.plain, servers.checked]) await measure(port, CONNECTIONS, COLD);
  const found: Record<Kind, Window[]> = { plain: [], checked: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    found.plain.push(await measured(servers.plain));
    found.checked.push(await measured(servers.checked));
  }
  await Promise.all([servers.plain.stop(), servers.checked.stop(), service.stop()]);
  const of = (kind: Kind, figure: "p50" | "p99" | "leadsPerSecond" | "serverCpu") =>
    median(found[kind].map((each) => each[figure]));
  const told = (says: string, figure: number) => [says, figure.toFixed(2), "", ""];
  console.log(
    table([
      verdict({
        says: "Leads a second with a check",
        figure: of("checked", "leadsPerSecond"),
        atLeast: 495,
      }),
      verdict({ says: "p50 with a check of 50 ms, ms", figure: of("checked", "p50"), atMost: 60 }),
      told(
        "  beyond its answer and a lead without, ms",
        of("checked", "p50") - ANSWER_MS - of("plain", "p50"),
      ),
      told("p99 with a check of 50 ms, ms", of("checked", "p99")),
      told("p50 without, ms", of("plain", "p50")),
      told("p99 without, ms", of("plain", "p99")),
      told("CPU of the server with a check, µs a lead", of("checked", "serverCpu")),
      told("CPU of the server without, µs a lead", of("plain", "serverCpu")),
    ]),
  );
}

async function measured({ port, pid }: Server): Promise<Window> {
  const before = serverTime(pid);
  const window = await measure(port, CONNECTIONS, WINDOW);
  const leads = Object.values(window.answers).reduce((sum, each) => sum + each, 0);
  return { ...window, serverCpu: (serverTime(pid) - before) / leads };
}

async function started({ createDatabase, folder }: Ground, name: Kind): Promise<Server> {
  return await startLeadgate({ databaseUrl: await createDatabase(name) }, folder);
}

function withCheck({ port }: Server): ConfigurationDocument {
  const url = `http://127.0.0.1:${port}/{phone|digits}`;
  const check = { id: "phone", method: "GET" as const, url, values: { line_type: "$.line_type" } };
  const campaigns = (hotCampaign.campaigns ?? []).map((campaign) => ({ ...campaign, checks: [check] }));
  return { ...hotCampaign, campaigns };
}

await onGround(measureChecks);
