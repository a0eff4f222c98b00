import { asks, says } from "#cli/command/asking.ts";
import { command } from "#cli/command/command.ts";
import { capsUsed } from "#cli/records/usage.ts";
import { PART_OPTIONS, partForms, sets, settingColumn } from "./part-forms.ts";

/** What is sold, under which rules. */
export const campaigns = command({
  name: "campaigns",
  purpose: "look at campaigns, change them, and link to their pages",
  example: "leadgate campaigns link solar --supplier acme-media",
  options: {
    "--supplier ID": "with link: for this supplier, with its own limits and rules",
    "--buyer ID": "with link: for this buyer, with what it receives",
    "--expires SECONDS": "with link: how long it can be opened; a week unless said otherwise",
    ...PART_OPTIONS,
  },
  forms: {
    ...partForms(
      "campaigns",
      "CAMPAIGN",
      "campaign",
      "name",
      settingColumn("status", "active"),
      settingColumn("mode", "direct"),
      "distribution",
      {
        title: "SUPPLIERS",
        of: ({ suppliers }) => lengthOf(suppliers),
      },
      { title: "BUYERS", of: ({ buyers }) => lengthOf(buyers) },
    ),
    "pause CAMPAIGN": sets("campaigns", "CAMPAIGN", "paused", "take no more leads for it"),
    "unpause CAMPAIGN": sets("campaigns", "CAMPAIGN", "active", "take leads for it again"),
    "usage CAMPAIGN": asks("GET /usage", "how much of each cap is used", capsUsed),
    "link CAMPAIGN [--supplier ID] [--buyer ID] [--expires SECONDS]": asks(
      "POST /campaigns/CAMPAIGN/docs-link",
      "make a link to its page that needs no key",
      says(({ data }) => String(data.url)),
      {
        names: { expires: "expires_in_seconds" },
        numbers: ["expires"],
        aside: ({ data }) => `It can be opened until ${String(data.expires_at)}.`,
      },
    ),
  },
});

function lengthOf(list: unknown): number {
  return Array.isArray(list) ? list.length : 0;
}
