import type { ConfigurationDocument } from "#campaigns/document.ts";
import { hotCampaign } from "./campaign.ts";
import { type Ground, onGround } from "./database.ts";
import { median, table, verdict } from "./figures.ts";
import type { Measured } from "./load.ts";
import { measure, type Server, setUp, startBeside, startLeadgate } from "./servers.ts";

/**
 * `bun bench/checks.ts`: the hot campaign with a check that answers after 50 ms, at 500 leads a second, beside the same without it: what
 * asking costs a lead beyond the answer itself, and whether anything waits for it in the lane.
 */

const PACE = 500;
const CONNECTIONS = 128;
const WINDOW = { warmUpSeconds: 2, seconds: 6, pace: PACE };
const ROUNDS = 3;

async function measureChecks(ground: Ground): Promise<void> {
  const service = await startBeside("checkers.ts", "");
  const [plain, checked] = [await started(ground, "plain"), await started(ground, "checked")];
  await setUp(plain);
  await setUp(checked, withCheck(service));
  const found: Record<"plain" | "checked", Measured[]> = { plain: [], checked: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    found.plain.push(await measure(plain.port, CONNECTIONS, WINDOW));
    found.checked.push(await measure(checked.port, CONNECTIONS, WINDOW));
  }
  await Promise.all([plain.stop(), checked.stop(), service.stop()]);
  const of = (kind: "plain" | "checked", figure: "p50" | "p99" | "leadsPerSecond") =>
    median(found[kind].map((each) => each[figure]));
  console.log(
    table([
      verdict({ says: "Leads a second with a check", figure: of("checked", "leadsPerSecond"), atLeast: 495 }),
      verdict({ says: "p50 with a check of 50 ms, ms", figure: of("checked", "p50"), atMost: 60 }),
      ["p99 with a check of 50 ms, ms", of("checked", "p99").toFixed(2), "", ""],
      ["p50 without, ms", of("plain", "p50").toFixed(2), "", ""],
      ["p99 without, ms", of("plain", "p99").toFixed(2), "", ""],
    ]),
  );
}

async function started({ createDatabase, folder }: Ground, name: string): Promise<Server> {
  return await startLeadgate({ databaseUrl: await createDatabase(name) }, folder);
}

function withCheck({ port }: Server): ConfigurationDocument {
  const url = `http://127.0.0.1:${port}/{phone|digits}`;
  const check = { id: "phone", method: "GET" as const, url, values: { line_type: "$.line_type" } };
  const campaigns = (hotCampaign.campaigns ?? []).map((campaign) => ({ ...campaign, checks: [check] }));
  return { ...hotCampaign, campaigns };
}

await onGround(measureChecks);
