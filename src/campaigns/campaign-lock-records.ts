import { asc, eq, max, sql } from "drizzle-orm";
import { builderOn } from "#database/builder.ts";
import type { Queryable } from "#database/database.ts";
import { statement } from "#database/statement.ts";
import { campaigns, configurations } from "#database/tables.ts";
import type { CampaignDefinition } from "./definition.ts";

export interface LockedCampaign {
  id: string;
  revision: number;
  definition: CampaignDefinition;
  isArchived: boolean;
}

/**
 * Keeps everyone else from changing the configuration or a supplier's keys until the transaction ends. The rows of the campaigns
 * cannot do that: before the first configuration there are none.
 */
export async function lockConfigurations(tx: Queryable): Promise<void> {
  await tx.execute(sql`lock table configurations in share row exclusive mode`);
}

/** Locks every campaign, in id order, and so waits for every transaction that is deciding leads. */
export async function lockCampaigns(tx: Queryable): Promise<LockedCampaign[]> {
  const all = builderOn(tx).select().from(campaigns).orderBy(asc(campaigns.id));
  const rows = await (tx.isSpread === true ? lockEach(tx) : all.for("update"));
  return rows.map((row) => ({
    id: row.id,
    revision: row.revision,
    definition: row.definition as CampaignDefinition,
    isArchived: row.archivedAt !== null,
  }));
}

/** Citus locks rows of one campaign alone. */
async function lockEach(tx: Queryable): Promise<(typeof campaigns.$inferSelect)[]> {
  const known = await builderOn(tx).select({ id: campaigns.id }).from(campaigns).orderBy(asc(campaigns.id));
  const locked: (typeof campaigns.$inferSelect)[] = [];
  for (const { id } of known) {
    locked.push(...(await builderOn(tx).select().from(campaigns).where(eq(campaigns.id, id)).for("update")));
  }
  return locked;
}

/** Locks one campaign, and so waits for whoever is deciding leads of it. */
export async function lockCampaign(tx: Queryable, campaign: string): Promise<void> {
  await selectForUpdate.run(tx, { campaign });
}

const selectForUpdate = statement<unknown, { campaign: string }>(
  "lock_campaign",
  "one campaign",
  ($) => sql`select id from campaigns where id = ${$.campaign} for update`,
);

/**
 * Configurations and campaigns count on one line: a number is given once in the installation, so a campaign's revision names one
 * state of everything that decides its leads, and of two numbers the higher is the later.
 */
export async function nextRevision(tx: Queryable): Promise<number> {
  const [configured] = await builderOn(tx)
    .select({ revision: max(configurations.revision) })
    .from(configurations);
  const [decided] = await builderOn(tx)
    .select({ revision: max(campaigns.revision) })
    .from(campaigns);
  return 1 + Math.max(configured?.revision ?? 0, decided?.revision ?? 0);
}
