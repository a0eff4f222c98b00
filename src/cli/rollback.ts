import { type CommandContext, CommandFailure, exitCodeOf, sorted, WrongUse } from "./command.ts";
import { askForRevision } from "./history.ts";
import { appliedInWords, askForPlan, inWords } from "./planned.ts";
import { call, dataOf } from "./server-call.ts";

const USE = "leadgate rollback REVISION [--yes]";

/**
 * `leadgate rollback REVISION`: puts the configuration that was in force at a revision in force again. Without `--yes` it says what
 * that would change, and changes nothing. What is rolled back is what was looked at: a change by somebody else in between stops it.
 */
export async function rollback(args: string[], context: CommandContext): Promise<number> {
  return exitCodeOf(context, async () => {
    const { values, positionals } = sorted(args, USE, { yes: { type: "boolean" } });
    const [revision, ...more] = positionals;
    if (revision === undefined || !/^\d{1,9}$/.test(revision) || more.length > 0) throw new WrongUse(USE);
    const past = await dataOf(await askForRevision(revision, context));
    const planned = await askForPlan(JSON.stringify(past.document), "application/json", context);
    if (planned.changes.length > 0 && values.yes !== true) {
      context.write(inWords(planned.changes));
      throw new CommandFailure("Nothing was rolled back. Add --yes to do so.");
    }
    const response = await call(context, {
      method: "POST",
      path: "/config/rollback",
      headers: { "content-type": "application/json", "if-match": `"${planned.revision}"` },
      body: JSON.stringify({ revision: Number(revision) }),
    });
    context.write(appliedInWords(await dataOf(response)));
  });
}
