import { command } from "#cli/command/command.ts";
import { PART_OPTIONS, partForms, settingColumn } from "./part-forms.ts";

/** The lists of people who are not called. Who is on them is what `suppress` changes. */
export const suppressionLists = command({
  name: "suppression-lists",
  purpose: "look at suppression lists, make and remove them; suppress has who is on them",
  example: "leadgate suppression-lists show do-not-call",
  options: PART_OPTIONS,
  forms: partForms(
    "suppression-lists",
    "LIST",
    "suppression list",
    "name",
    settingColumn("status", "active"),
  ),
});
