import { JSON_OPTION } from "#cli/command/asking.ts";
import { type CommandContext, CommandFailure, command } from "#cli/command/command.ts";
import { callServer } from "#cli/command/remote.ts";

/** Writes the configuration in force to a file or to standard output; JSON for a `.json` file, else YAML. */
export const exportConfiguration = command({
  name: "export",
  purpose: "write the configuration in force to a file, or to the screen",
  example: "leadgate export leads.yaml",
  options: JSON_OPTION,
  routes: ["GET /config"],
  forms: {
    async "[FILE]"({ FILE, json }, context) {
      const asJson = json || FILE?.toLowerCase().endsWith(".json") === true;
      const response = await callServer(context, {
        method: "GET",
        path: "/config",
        headers: { accept: asJson ? "application/json" : "application/yaml" },
      });
      const text = asJson ? `${JSON.stringify(await response.json(), null, 2)}\n` : await response.text();
      if (FILE === undefined || FILE === "-") context.write(text);
      else await writeTo(FILE, text, context);
    },
  },
});

async function writeTo(file: string, text: string, context: CommandContext): Promise<void> {
  try {
    await context.writeFile(file, text);
  } catch {
    throw new CommandFailure(`${file} cannot be written.`);
  }
}
