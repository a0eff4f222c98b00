import { and, asc, eq, sql } from "drizzle-orm";
import { typeid } from "typeid-js";
import { lockConfigurations } from "#campaigns/campaign-lock-records.ts";
import { builderOn } from "#database/builder.ts";
import type { Database, Queryable } from "#database/database.ts";
import { statement } from "#database/statement.ts";
import { partyKeys } from "#database/tables.ts";
import { type ListedKey, listedKeyOf, newKeyRow } from "./key-row.ts";
import { makePostingKey, POSTING_MARK } from "./party-key.ts";
import { bumpCampaignsOf, partyExists } from "./party-key-records.ts";

/** A posting URL at the one moment at which its key is known. */
export interface CreatedPostingUrl {
  id: string;
  key: string;
  prefix: string;
}

export interface NewPostingUrl {
  name: string | null;
  /** The campaign that all its leads are for; null: each says its own. */
  campaignId: string | null;
  expiresAt: Date | null;
}

/** Gives a supplier one more posting URL. `no_such_campaign`: the supplier is linked to no campaign of this id. */
export async function createPostingUrl(
  tx: Queryable,
  supplierId: string,
  { name, campaignId, expiresAt }: NewPostingUrl,
  now: Date,
): Promise<CreatedPostingUrl | "no_such_supplier" | "no_such_campaign"> {
  await lockConfigurations(tx);
  if (!(await partyExists(tx, { kind: "supplier", id: supplierId }))) return "no_such_supplier";
  if (campaignId !== null) {
    const link = JSON.stringify({ suppliers: [{ supplier: { id: supplierId } }] });
    const linked = await selectLinkedCampaign.run(tx, { id: campaignId, link });
    if (linked.length === 0) return "no_such_campaign";
  }
  const id = typeid("url").toString();
  const key = makePostingKey();
  const row = newKeyRow(key, POSTING_MARK, expiresAt, now);
  await builderOn(tx)
    .insert(partyKeys)
    .values({ id, supplierId, shownIn: "url", name, campaignId, ...row });
  await bumpCampaignsOf(tx, supplierId);
  return { id, key, prefix: row.prefix };
}

const selectLinkedCampaign = statement<{ id: string }, { id: string; link: string }>(
  "select_campaign_of_supplier",
  "one campaign",
  ($) => sql`select id from campaigns where id = ${$.id} and definition @> ${$.link}::text::jsonb`,
);

export interface ListedPostingUrl extends ListedKey {
  name: string | null;
  campaignId: string | null;
}

/** A supplier's posting URLs, oldest first, revoked and expired ones too; null when there is no such supplier. */
export async function listPostingUrls(
  database: Database,
  supplierId: string,
): Promise<ListedPostingUrl[] | null> {
  return database.read(async (db) => {
    if (!(await partyExists(db, { kind: "supplier", id: supplierId }))) return null;
    const rows = await builderOn(db)
      .select()
      .from(partyKeys)
      .where(and(eq(partyKeys.supplierId, supplierId), eq(partyKeys.shownIn, "url")))
      .orderBy(asc(partyKeys.createdAt), asc(partyKeys.id));
    return rows.map((row) => ({ ...listedKeyOf(row), name: row.name, campaignId: row.campaignId }));
  });
}
