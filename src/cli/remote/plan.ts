import { JSON_OPTION } from "#cli/command/asking.ts";
import { CommandFailure, command, fileText } from "#cli/command/command.ts";
import { describePlan, jsonOf, requestPlan, warningsFrom } from "./plan-output.ts";

/** With `--exit-code`, when something would change. */
const CHANGES = 3;

/** What applying a file would change, and what in it is surely not meant. */
export const plan = command({
  name: "plan",
  purpose: "say what a configuration would change, and what is surely not meant; change nothing",
  example: "leadgate plan leads.yaml --strict",
  options: {
    "--strict": "exit with 1 when there are warnings",
    "--exit-code": "exit with 3 when something would change",
    ...JSON_OPTION,
  },
  routes: ["POST /config/plan"],
  forms: {
    async FILE({ FILE, strict, "exit-code": tells, json }, context) {
      const document = { file: FILE, text: await fileText(FILE, context) };
      const { data, changes } = await requestPlan(document, context);
      context.write(json ? jsonOf(data) : describePlan(data, context));
      if (strict && warningsFrom(data.warnings).length > 0) {
        throw new CommandFailure("There are warnings, which --strict does not let pass.");
      }
      return tells && changes.length > 0 ? CHANGES : 0;
    },
  },
});
