import { type CommandContext, exitCodeOf, fileText, WrongUse } from "./command.ts";
import { askForPlan, inWords } from "./planned.ts";

/** `leadgate plan FILE`: what applying the file would change. */
export async function plan(args: string[], context: CommandContext): Promise<number> {
  return exitCodeOf(context, async () => {
    const [file, ...more] = args;
    if (file === undefined || more.length > 0) throw new WrongUse("leadgate plan FILE");
    const planned = await askForPlan(await fileText(file, context), file, context);
    context.write(inWords(planned.changes));
  });
}
