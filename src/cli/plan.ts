import { type CommandContext, exitCodeOf, fileText, WrongUse } from "./command.ts";
import { askForPlan, inWords, mediaTypeOfFile } from "./planned.ts";

/** `leadgate plan FILE`: what applying the file would change. */
export async function plan(args: string[], context: CommandContext): Promise<number> {
  return exitCodeOf(context, async () => {
    const [file, ...more] = args;
    if (file === undefined || more.length > 0) throw new WrongUse("leadgate plan FILE");
    const document = await fileText(file, context);
    const planned = await askForPlan(document, mediaTypeOfFile(file), context);
    context.write(inWords(planned.changes));
  });
}
