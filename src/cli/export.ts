import { type CommandContext, CommandFailure, exitCodeOf, WrongUse } from "./command.ts";
import { call } from "./server-call.ts";

/** `leadgate export [FILE]`: the configuration in force, to a file or to standard output; JSON for a `.json` file, else YAML. */
export async function exportConfiguration(args: string[], context: CommandContext): Promise<number> {
  return exitCodeOf(context, async () => {
    const [file, ...more] = args;
    if (more.length > 0 || file?.startsWith("--") === true) throw new WrongUse("leadgate export [FILE]");
    const asJson = file?.toLowerCase().endsWith(".json") === true;
    const response = await call(context, {
      method: "GET",
      path: "/config",
      headers: { accept: asJson ? "application/json" : "application/yaml" },
    });
    const text = asJson ? `${JSON.stringify(await response.json(), null, 2)}\n` : await response.text();
    if (file === undefined) context.write(text);
    else await writeTo(file, text, context);
  });
}

async function writeTo(file: string, text: string, context: CommandContext): Promise<void> {
  try {
    await context.writeFile(file, text);
  } catch {
    throw new CommandFailure(`${file} cannot be written.`);
  }
}
