import { type CommandContext, CommandFailure, command } from "#cli/command/command.ts";
import { DatabaseRefused, DatabaseUnavailable } from "#database/database.ts";
import { distributeTables } from "#database/spread/distribute.ts";

/** Spreads the tables of an installation over the nodes of Citus. */
export const database = command({
  name: "database",
  purpose: "spread the tables over the nodes of Citus, where one Postgres is too small",
  example: "leadgate database distribute --plan",
  options: {
    "--plan": "only say what would be done",
    "--yes": "do it",
  },
  forms: {
    "distribute --plan": Object.assign(plan, { does: "say how each table would stand on the nodes" }),
    "distribute --yes": Object.assign(distribute, {
      does: "spread them; stop the servers first. Run again, it goes on where it was cut short, and makes what new nodes lack",
    }),
  },
});

async function plan(_: unknown, context: CommandContext): Promise<void> {
  await distributeOrPlan("plan", context);
}

async function distribute(_: unknown, context: CommandContext): Promise<void> {
  await distributeOrPlan("yes", context);
}

async function distributeOrPlan(how: "plan" | "yes", context: CommandContext): Promise<void> {
  const { databaseUrl } = context.settings().database;
  if (databaseUrl === undefined)
    throw new CommandFailure(
      "The embedded database cannot be spread. Move to Postgres first: leadgate help migrate-db.",
    );
  try {
    const steps = await distributeTables(databaseUrl, how, ({ table, words }) =>
      context.write(`${table}: ${words}\n`),
    );
    if (steps === 0) context.write("Nothing is to be done: all tables are spread.\n");
    else if (how === "yes")
      context.write(
        "Done. Set DATABASE_URL of each server to the node whose campaigns it is to take; each node needs one.\n",
      );
  } catch (error) {
    if (error instanceof DatabaseRefused) throw new CommandFailure(error.message);
    if (error instanceof DatabaseUnavailable)
      throw new CommandFailure(
        "The database cannot be reached, or went away. What was done stays; run it again.",
      );
    throw error;
  }
}
