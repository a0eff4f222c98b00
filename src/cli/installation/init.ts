import { CommandFailure, command } from "#cli/command/command.ts";
import { starterDocument } from "#configuration/reference/starter.ts";

/** Writes a configuration to begin with: a small set-up, and every other setting as a comment. */
export const init = command({
  name: "init",
  purpose: "write a commented configuration to begin with, to leads.yaml or another file",
  example: "leadgate init leads.yaml",
  options: {},
  forms: {
    async "[FILE]"({ FILE = "leads.yaml" }, context) {
      const { url } = await context.server();
      const text = starterDocument(new URL("/docs/configuration.schema.json", url).href);
      if (FILE === "-") return context.write(text);
      if (await exists(FILE, context))
        throw new CommandFailure(`${FILE} is there already, and is left as it is.`);
      await context.writeFile(FILE, text).catch(() => {
        throw new CommandFailure(`${FILE} cannot be written.`);
      });
      context.write(`${FILE} is written. See what it would change with: leadgate plan ${FILE}\n`);
    },
  },
});

async function exists(
  file: string,
  { readFile }: { readFile(path: string): Promise<string> },
): Promise<boolean> {
  return readFile(file).then(
    () => true,
    () => false,
  );
}
