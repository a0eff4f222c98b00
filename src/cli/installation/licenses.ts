import { command } from "#cli/command/command.ts";

export const licenses = command({
  name: "licenses",
  purpose: "print the licences of all that the executable carries",
  example: "leadgate licenses",
  options: {},
  forms: {
    async ""(_, context) {
      // Only now: from source the notices are gathered when the file is read, which takes a moment.
      const { licensesText } = await import("./licenses-text.ts");
      context.write(licensesText());
    },
  },
});
