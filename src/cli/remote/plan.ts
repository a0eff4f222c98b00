import { command, fileText } from "#cli/command/command.ts";
import { describeChanges, mediaTypeOfFile, requestPlan } from "./plan-output.ts";

/** What applying a file would change. */
export const plan = command({
  name: "plan",
  purpose: "say what a configuration would change; change nothing",
  example: "leadgate plan leads.yaml",
  options: {},
  forms: {
    async FILE({ FILE }, context) {
      const document = await fileText(FILE, context);
      const planned = await requestPlan(document, mediaTypeOfFile(FILE), context);
      context.write(describeChanges(planned.changes));
    },
  },
});
