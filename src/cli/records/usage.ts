import { asks, JSON_OPTION, table } from "#cli/command/asking.ts";
import { command } from "#cli/command/command.ts";

/** Each cap, with what is used of it. */
export const capsUsed = table(
  "party",
  "campaign_id",
  "buyer_id",
  "supplier_id",
  "period",
  "unit",
  "used",
  "limit",
  "resets_at",
);

/** How much of the caps is used. */
export const usage = command({
  name: "usage",
  purpose: "say how much of each cap is used, and when it begins anew",
  example: "leadgate usage --campaign solar",
  options: {
    "--campaign ID": "of this campaign: its contracts, suppliers and buyers",
    "--buyer ID": "of this buyer, in all its campaigns",
    "--supplier ID": "of this supplier, in each campaign",
    ...JSON_OPTION,
  },
  forms: {
    "--campaign ID | --buyer ID | --supplier ID": asks("GET /usage", "", capsUsed, {
      none: "No cap is set.",
    }),
  },
});
