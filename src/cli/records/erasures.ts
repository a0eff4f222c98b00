import { asks, JSON_OPTION, LIMIT_OPTION, record, table } from "#cli/command/asking.ts";
import { command } from "#cli/command/command.ts";

/** Orders to forget people; `forget` makes one. */
export const erasures = command({
  name: "erasures",
  purpose: "look at the orders to forget people, and how far they are",
  example: "leadgate erasures list --state running",
  options: { "--state STATE": "running or done alone", ...LIMIT_OPTION, ...JSON_OPTION },
  forms: {
    "list [--state STATE] [--limit N]": asks(
      "GET /erasures",
      "list them, the newest first",
      table(
        "id",
        "state",
        "requested_at",
        "finished_at",
        "requested_by",
        "erased.leads",
        "cancelled_deliveries",
      ),
    ),
    "show ERASURE": asks("GET /erasures/ERASURE", "show one", record),
  },
});
