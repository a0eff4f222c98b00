import { asks, JSON_OPTION, LIMIT_OPTION, record, says, table } from "#cli/command/asking.ts";
import { command } from "#cli/command/command.ts";
import { TO } from "./endpoints.ts";

const WHOSE = "[--buyer ID] [--webhook ID] [--conversion ID] [--campaign ID] [--lead LEAD]";
const FILTER = `${WHOSE} [--state STATE] [--event EVENT] [--since TIME] [--until TIME]` as const;

/** What is sent to buyers, webhooks and Meta. */
export const deliveries = command({
  name: "deliveries",
  purpose: "look at what is sent to buyers and others, and send it again",
  example: "leadgate deliveries list --state dead --limit 20",
  options: {
    "--buyer ID": "to this buyer",
    "--webhook ID": "to this webhook",
    "--conversion ID": "to this conversion",
    "--campaign ID": "of this campaign",
    "--lead LEAD": "of this lead",
    "--state STATE": "pending, delivered, rejected, duplicate, dead or cancelled",
    "--event EVENT": "of this event, such as lead.accepted",
    "--since TIME": "written from this day (in UTC) or time on, such as 2030-01-31T00:00:00Z",
    "--until TIME": "written up to the end of this day, or before this time",
    ...LIMIT_OPTION,
    ...JSON_OPTION,
  },
  forms: {
    [`list ${FILTER} [--limit N]`]: asks(
      "GET /deliveries",
      "list them, the newest first",
      table(
        "id",
        "created_at",
        "state",
        TO,
        "event",
        "lead_id",
        "attempt_count",
        "next_attempt_at",
        "last_failure",
      ),
      { takesDays: true },
    ),
    "show DELIVERY": asks("GET /deliveries/DELIVERY", "show one, with its body and its attempts", record),
    "redeliver DELIVERY": asks(
      "POST /deliveries/DELIVERY/redeliver",
      "send one again, whatever became of it",
      says(({ data }) => `It is due. What comes of it: leadgate deliveries show ${String(data.id)}`),
    ),
  },
});
