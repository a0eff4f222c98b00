import { JSON_OPTION } from "#cli/command/asking.ts";
import { CommandFailure, command, WrongUse } from "#cli/command/command.ts";
import { callServer, dataIn } from "#cli/command/remote.ts";
import { isWholeNumber } from "#text/whole-number.ts";
import { describeApplied, describePlan, jsonOf, plannedIn } from "./plan-output.ts";

/**
 * Puts the configuration that was in force at a revision in force again. Without `--yes` it says what that would change, and changes
 * nothing. What is rolled back is what was looked at: a change by somebody else in between stops it.
 */
export const rollback = command({
  name: "rollback",
  purpose: "bring the configuration of an earlier revision back into force",
  example: "leadgate rollback 12 --yes",
  options: { "--yes": "do it; without, only say what it would change", ...JSON_OPTION },
  routes: ["POST /config/rollback/plan", "POST /config/rollback"],
  forms: {
    async REVISION({ REVISION, yes, json }, context) {
      if (!isWholeNumber(REVISION))
        throw new WrongUse(`REVISION is the number of a revision, such as 12, not ${REVISION}.\n`);
      const asked = {
        method: "POST" as const,
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ revision: Number(REVISION) }),
      };
      const planned = await plannedIn(await callServer(context, { ...asked, path: "/config/rollback/plan" }));
      if (planned.changes.length > 0 && !yes) {
        context.write(json ? jsonOf(planned.data) : describePlan(planned.data, context));
        throw new CommandFailure("Nothing was rolled back. Add --yes to do so.");
      }
      const response = await callServer(context, {
        ...asked,
        path: "/config/rollback",
        headers: { ...asked.headers, "if-match": `"${planned.revision}"` },
      });
      const data = await dataIn(response);
      context.write(json ? jsonOf(data) : describeApplied(data, context));
    },
  },
});
