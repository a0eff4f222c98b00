import { type CommandContext, CommandFailure, exitCodeOf, fileText, WrongUse } from "./command.ts";
import { appliedInWords, askForPlan, inWords, mediaTypeOfFile } from "./planned.ts";
import { call, dataOf } from "./server-call.ts";

/**
 * `leadgate apply FILE`: puts the file in force. Leaving a part out of the file removes it, which is easily done by mistake, so that
 * needs `--yes`. What is applied is what was looked at: a change by somebody else in between stops it.
 */
export async function apply(args: string[], context: CommandContext): Promise<number> {
  return exitCodeOf(context, async () => {
    const { file, ifRevision, yes } = optionsFrom(args);
    const document = await fileText(file, context);
    const planned = await askForPlan(document, mediaTypeOfFile(file), context);
    const removed = planned.changes.filter(({ action }) => action === "archived" || action === "deleted");
    if (removed.length > 0 && !yes) {
      context.write(inWords(planned.changes));
      throw new CommandFailure(
        "Nothing was applied, because this removes what the file leaves out. Add --yes to do so.",
      );
    }
    const response = await call(context, {
      method: "PUT",
      path: "/config",
      headers: {
        "content-type": mediaTypeOfFile(file),
        "if-match": `"${ifRevision ?? planned.revision}"`,
      },
      body: document,
    });
    context.write(appliedInWords(await dataOf(response)));
  });
}

const USE = "leadgate apply FILE [--if-revision N] [--yes]";

function optionsFrom(args: readonly string[]): {
  file: string;
  ifRevision: number | undefined;
  yes: boolean;
} {
  let file: string | undefined;
  let ifRevision: number | undefined;
  let yes = false;
  for (let place = 0; place < args.length; place++) {
    const arg = args[place] ?? "";
    if (arg === "--yes") {
      yes = true;
    } else if (arg === "--if-revision") {
      place += 1;
      ifRevision = revisionFrom(args[place]);
    } else if (arg.startsWith("--") || file !== undefined) {
      throw new WrongUse(USE);
    } else {
      file = arg;
    }
  }
  if (file === undefined) throw new WrongUse(USE);
  return { file, ifRevision, yes };
}

function revisionFrom(text: string | undefined): number {
  if (text === undefined || !/^\d{1,9}$/.test(text)) throw new WrongUse(USE);
  return Number(text);
}
