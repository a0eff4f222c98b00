import { command } from "#cli/command/command.ts";
import { version as packageVersion } from "../../../package.json" with { type: "json" };

export const version = command({
  name: "version",
  purpose: "print the version",
  example: "leadgate version",
  options: {},
  forms: {
    async ""(_, context) {
      context.write(`leadgate ${packageVersion}\n`);
    },
  },
});
