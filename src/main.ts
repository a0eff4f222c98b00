import { commandNamed, help } from "./commands/command-table.ts";
import { SettingsError, settingsOfProcess } from "./config.ts";

const [name = "serve", ...args] = process.argv.slice(2);
const command = commandNamed(name);

if (command === undefined) {
  process.stderr.write(`There is no command ${JSON.stringify(name)}.\n\n${help()}`);
  process.exitCode = 2;
} else {
  try {
    process.exitCode = await command.run(args, settingsOfProcess);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    process.stderr.write(error.problems.map((problem) => `${problem}\n`).join(""));
    process.exitCode = 2;
  }
}
