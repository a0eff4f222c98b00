import { command } from "#cli/command/command.ts";
import { PART_OPTIONS, partForms, settingColumn } from "./part-forms.ts";

/** Reports that are sent by e-mail when they are due. */
export const scheduledReports = command({
  name: "scheduled-reports",
  purpose: "look at the reports that are sent by e-mail, and change them",
  example: "leadgate scheduled-reports list",
  options: PART_OPTIONS,
  forms: partForms(
    "scheduled-reports",
    "REPORT",
    "scheduled report",
    settingColumn("report", "pnl"),
    "every",
    "at",
    settingColumn("timezone", "UTC"),
    "to",
  ),
});
