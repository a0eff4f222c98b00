import { command } from "#cli/command/command.ts";
import { PART_OPTIONS, partForms, settingColumn } from "./part-forms.ts";
import { againForms, RECIPIENT_OPTIONS, signedForms } from "./recipient-forms.ts";

/** Where operators are told what happens. */
export const webhooks = command({
  name: "webhooks",
  purpose: "look at the webhooks that tell you of events, change them and try them",
  example: "leadgate webhooks test books",
  options: { ...RECIPIENT_OPTIONS, ...PART_OPTIONS },
  forms: {
    ...partForms(
      "webhooks",
      "WEBHOOK",
      "webhook",
      "name",
      settingColumn("status", "active"),
      "url",
      "events",
    ),
    ...signedForms("webhooks", "WEBHOOK"),
    ...againForms("webhooks", "WEBHOOK"),
  },
});
