import { asks, JSON_OPTION, LIMIT_OPTION, record, says, table } from "#cli/command/asking.ts";
import { command } from "#cli/command/command.ts";

const decided = says(({ data }) => `${String(data.id)} is ${String(data.status)}.`);

/** Leads that buyers give back. */
export const returns = command({
  name: "returns",
  purpose: "look at the leads that buyers give back, and accept or reject them",
  example: "leadgate returns list --status pending",
  options: {
    "--status STATUS": "pending, accepted or rejected",
    "--buyer ID": "of this buyer",
    "--campaign ID": "of this campaign",
    "--note TEXT": "with reject: why, also for the buyer",
    ...LIMIT_OPTION,
    ...JSON_OPTION,
  },
  forms: {
    "list [--status STATUS] [--buyer ID] [--campaign ID] [--limit N]": asks(
      "GET /returns",
      "list them, the newest first",
      table("id", "status", "buyer_id", "lead_id", "reason", "amount", "currency", "asked_at", "note"),
    ),
    "show RETURN": asks("GET /returns/RETURN", "show one", record),
    "accept RETURN": asks("POST /returns/RETURN/accept", "undo the sale", decided),
    "reject RETURN --note TEXT": asks("POST /returns/RETURN/reject", "let the sale stand", decided),
  },
});
