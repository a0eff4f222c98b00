import { requireOwnConnections } from "#database/engine/connect.ts";
import { connectionRefusal } from "#database/engine/pooler.ts";
import { postgresClient, serversAt } from "#database/engine/servers.ts";
import { migrate } from "#database/migrate.ts";
import { withoutValues } from "#database/refusal.ts";
import { type SpreadingStep, spread, stepsToSpread } from "./distribute-records.ts";

const CONNECT_MS = 15_000;

/**
 * Spreads the tables of the Postgres at a URL, the coordinator of Citus, over its nodes, or only says what that would do. Tells of each
 * step before it is done; how many there are.
 *
 * @throws DatabaseRefused with a sentence, DatabaseUnavailable, StatementRefused.
 */
export async function distributeTables(
  url: string,
  how: "plan" | "yes",
  tell: (step: SpreadingStep) => void,
): Promise<number> {
  await requireOwnConnections(url);
  const client = postgresClient(await serversAt(url, CONNECT_MS).serving(), CONNECT_MS, () => undefined);
  try {
    const steps = await stepsToSpread(client);
    if (how === "plan") steps.forEach(tell);
    else if (steps.length > 0) {
      await migrate(client);
      await spread(client, await stepsToSpread(client), tell);
    }
    return steps.length;
  } catch (error) {
    throw connectionRefusal(error) ?? withoutValues(error);
  } finally {
    await client.end({ timeout: 0 });
  }
}
