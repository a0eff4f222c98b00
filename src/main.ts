import { COMMAND_NAMES, commandNamed } from "#cli/command-table.ts";
import { helpOn } from "#cli/help.ts";
import { mistyped, unknownCommand } from "#cli/mistyped.ts";
import { SettingsError, settingsOfProcess } from "#runtime/settings.ts";

// Whoever reads what is printed may have seen enough, as `head` has.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
});

process.exitCode = await run(process.argv.slice(2));

async function run([name = "serve", ...words]: string[]): Promise<number> {
  const command = commandNamed(name);
  if (command === undefined) return refuse(unknownCommand(name, COMMAND_NAMES));
  if (words.includes("--help") || words.includes("-h")) {
    process.stdout.write(helpOn(command));
    return 0;
  }
  const mistake = mistyped(command, words);
  if (mistake !== undefined) return refuse(mistake);
  try {
    return await command.run(words, settingsOfProcess);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return refuse(error.problems.map((problem) => `${problem}\n`).join(""));
  }
}

function refuse(why: string): number {
  process.stderr.write(why);
  return 2;
}
