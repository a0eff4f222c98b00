import { asks, JSON_OPTION, LIMIT_OPTION, listedRows, table } from "#cli/command/asking.ts";
import { cellText } from "#cli/command/cell.ts";
import { command } from "#cli/command/command.ts";
import { isMapping, type Mapping } from "#text/problem.ts";
import { simulationView } from "./simulation-text.ts";

/** Documents that were tried on past leads; `simulate` tries one. */
export const simulations = command({
  name: "simulations",
  purpose: "look at documents that were tried on past leads, and what came of it",
  example: "leadgate simulations list",
  options: {
    "--state STATE": "waiting, running, done, stopped or failed alone",
    ...LIMIT_OPTION,
    ...JSON_OPTION,
  },
  forms: {
    "list [--state STATE] [--limit N]": asks(
      "GET /simulations",
      "list them, the newest first",
      table("id", "state", "since", "until", "progress.leads", "progress.of", "requested_at", "requested_by"),
    ),
    "show SIMULATION": asks("GET /simulations/SIMULATION", "show one, with what came of it", simulationView),
    "leads SIMULATION [--limit N]": asks(
      "GET /simulations/SIMULATION/leads",
      "list leads that would have ended otherwise",
      table(
        "id",
        "campaign_id",
        "supplier_id",
        { title: "BEFORE", of: (lead) => endText(lead.before) },
        { title: "AFTER", of: (lead) => endText(lead.after) },
      ),
    ),
    "stop SIMULATION": asks(
      "POST /simulations/SIMULATION/stop",
      "end one that waits or is under way",
      simulationView,
    ),
  },
});

/** `ACCEPTED: sunco 45.00`. */
function endText(end: unknown): string {
  if (!isMapping(end)) return "-";
  const sales = listedRows(end.sales).map(saleText);
  const how = cellText(end.status ?? "not taken in");
  const why = sales.length === 0 && typeof end.reason === "string" ? [end.reason] : sales;
  return why.length === 0 ? how : `${how}: ${why.join(", ")}`;
}

function saleText({ buyer_id: buyer, price, status }: Mapping): string {
  return `${String(buyer)} ${String(price)}${status === "sold" ? "" : ` ${String(status)}`}`;
}
