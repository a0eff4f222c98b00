import { asks, says } from "#cli/command/asking.ts";
import { command } from "#cli/command/command.ts";
import { secretIn } from "#cli/command/file-body.ts";
import { PART_OPTIONS, partForms, settingColumn } from "./part-forms.ts";
import { againForms, RECIPIENT_OPTIONS } from "./recipient-forms.ts";

const { "--since TIME": since, "--until TIME": until } = RECIPIENT_OPTIONS;

/** What advertisers' platforms are told of leads. */
export const conversions = command({
  name: "conversions",
  purpose: "look at what Meta is told of leads, change it, and give it its token",
  example: "leadgate conversions token facebook token.txt",
  options: { "--since TIME": since, "--until TIME": until, ...PART_OPTIONS },
  forms: {
    ...partForms(
      "conversions",
      "CONVERSION",
      "conversion",
      settingColumn("status", "active"),
      "type",
      "dataset_id",
      "events",
    ),
    "token CONVERSION FILE": asks(
      "POST /conversions/CONVERSION/token",
      "give it the access token that a file holds",
      says(({ data }) => `The token is stored. Deliveries that are due now: ${String(data.resumed)}.`),
      { sent: async (typed, context) => ({ token: await secretIn(typed, context) }) },
    ),
    ...againForms("conversions", "CONVERSION"),
  },
});
