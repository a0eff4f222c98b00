import { CommandFailure, command, fileText, WrongUse } from "#cli/command/command.ts";
import { callServer, dataIn } from "#cli/command/remote.ts";
import { describeApplied, describeChanges, mediaTypeOfFile, requestPlan } from "./plan-output.ts";

/**
 * Puts a file in force. Leaving a part out of the file removes it, which is easily done by mistake, so that needs `--yes`. What is
 * applied is what was looked at: a change by somebody else in between stops it.
 */
export const apply = command({
  name: "apply",
  purpose: "bring a configuration into force, all or nothing",
  example: "leadgate apply leads.yaml --if-revision 12",
  options: {
    "--if-revision N": "only when N is the revision in force",
    "--yes": "also when it removes what the file leaves out",
  },
  forms: {
    async FILE({ FILE, yes, "if-revision": revision }, context) {
      if (revision !== undefined && !/^\d{1,9}$/.test(revision)) throw new WrongUse();
      const document = await fileText(FILE, context);
      const planned = await requestPlan(document, mediaTypeOfFile(FILE), context);
      const removed = planned.changes.filter(({ action }) => action === "archived" || action === "deleted");
      if (removed.length > 0 && !yes) {
        context.write(describeChanges(planned.changes));
        throw new CommandFailure(
          "Nothing was applied, because this removes what the file leaves out. Add --yes to do so.",
        );
      }
      const response = await callServer(context, {
        method: "PUT",
        path: "/config",
        headers: {
          "content-type": mediaTypeOfFile(FILE),
          "if-match": `"${Number(revision ?? planned.revision)}"`,
        },
        body: document,
      });
      context.write(describeApplied(await dataIn(response)));
    },
  },
});
