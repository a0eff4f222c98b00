import { command } from "#cli/command/command.ts";
import { version as packageVersion } from "../../../package.json" with { type: "json" };

export const version = command({
  name: "version",
  purpose: "print the version",
  example: "leadgate version",
  options: { "--json": "as JSON" },
  forms: {
    async ""({ json }, context) {
      const data = { version: packageVersion };
      context.write(json ? `${JSON.stringify({ data })}\n` : `leadgate ${packageVersion}\n`);
    },
  },
});
