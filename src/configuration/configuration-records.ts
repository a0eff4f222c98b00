import { and, desc, eq, inArray, type SQL, sql } from "drizzle-orm";
import type { BuyerDefinition, CampaignDefinition } from "#campaigns/definition.ts";
import { builderOn } from "#database/builder.ts";
import { inWordsOf } from "#database/by-campaign-records.ts";
import type { Database, Queryable } from "#database/database.ts";
import { param, type Statement, statement } from "#database/statement.ts";
import {
  buyerCounters,
  buyers,
  campaignCounters,
  campaigns,
  configurations,
  conversions,
  endpoints,
  partyKeys,
  scheduledReports,
  signingSecrets,
  suppliers,
  suppressionLists,
  webhooks,
} from "#database/tables.ts";
import type { ConfiguredKind, Recipient } from "#endpoints/recipient.ts";
import type { IdentifiedDocument } from "./identify.ts";
import { type OnRecord, resourcesLeftOut } from "./plan.ts";
import { RESOURCE_KINDS, type ResourceKind } from "./resource-kind.ts";

/** The configuration in force, as the operator wrote it and with the ids that were made. */
export interface StoredConfiguration {
  revision: number;
  document: IdentifiedDocument;
}

/** Null while none was ever applied. */
export async function readConfiguration(database: Database): Promise<StoredConfiguration | null> {
  return database.read(newestConfiguration);
}

export async function newestConfiguration(db: Queryable): Promise<StoredConfiguration | null> {
  const [row] = await builderOn(db)
    .select()
    .from(configurations)
    .orderBy(desc(configurations.revision))
    .limit(1);
  if (row === undefined) return null;
  return { revision: row.revision, document: JSON.parse(row.document) as IdentifiedDocument };
}

/** A campaign's row under its lock. */
export async function insertConfiguration(
  tx: Queryable,
  stored: StoredConfiguration,
  applied: { at: Date; by: string },
): Promise<void> {
  await builderOn(tx)
    .insert(configurations)
    .values({
      revision: stored.revision,
      document: JSON.stringify(stored.document),
      appliedAt: applied.at.toISOString(),
      appliedBy: applied.by,
    });
}

/** What is known of the parts that the wanted document leaves out or brings (back). */
export async function readOnRecord(
  db: Queryable,
  current: IdentifiedDocument | null,
  wanted: IdentifiedDocument,
): Promise<OnRecord> {
  const inUse = new Set<string>();
  for (const kind of RESOURCE_KINDS) {
    const ids = resourcesLeftOut(current, wanted).flatMap((part) => (part.kind === kind ? [part.id] : []));
    if (ids.length === 0) continue;
    for (const { id } of await IN_USE[kind].run(db, { ids: JSON.stringify(ids) })) inUse.add(`${kind} ${id}`);
  }
  const archived = new Set((await selectArchived.run(db, {})).map((part) => `${part.kind} ${part.id}`));
  return {
    inUse: (kind, id) => inUse.has(`${kind} ${id}`),
    isArchived: (kind, id) => archived.has(`${kind} ${id}`),
  };
}

const ids = sql`json_array_elements_text(${param("ids")}::text::json) as part (id)`;

/** Where tables are spread over nodes, Citus looks for what is in use in one table after the other, not for each part. */
function inUse(name: string, anywhere: SQL, onNodes: SQL): Statement<{ id: string }, { ids: string }> {
  return inWordsOf((dialect) =>
    statement(name, "all campaigns", dialect === "postgres" ? anywhere : onNodes),
  );
}

function isAsked(id: string): SQL {
  return sql`${param("ids")}::text::jsonb ? ${sql.raw(id)}`;
}

function sentTo(kind: "buyer" | "webhook" | "conversion"): SQL {
  const id = `substr(recipient, ${kind.length + 2})`;
  return sql`select distinct ${sql.raw(id)} as id from deliveries where recipient like ${sql.raw(`'${kind}:%'`)} and ${isAsked(id)}`;
}

/** Counters are asked first: leads have no index by supplier, and a party with a sale has a counter. */
const IN_USE = {
  suppression_list: statement<{ id: string }, { ids: string }>(
    "suppression_lists_in_use",
    "unspread",
    sql`select id from ${ids} where exists (select 1 from suppression_entries e where e.list_id = part.id)`,
  ),
  supplier: inUse(
    "suppliers_in_use",
    sql`select id from ${ids}
        where case
          when exists (select 1 from campaign_counters c where c.party = 'supplier' and c.party_id = part.id) then true
          when exists (select 1 from ledger l where l.supplier_id = part.id) then true
          else exists (select 1 from leads l where l.supplier_id = part.id) end`,
    sql`select distinct party_id as id from campaign_counters where party = 'supplier' and ${isAsked("party_id")}
        union select distinct supplier_id from ledger where ${isAsked("supplier_id")}
        union select distinct supplier_id from leads where ${isAsked("supplier_id")}`,
  ),
  buyer: inUse(
    "buyers_in_use",
    sql`select id from ${ids}
        where case
          when exists (select 1 from campaign_counters c
                       where c.party = 'contract' and c.party_id = part.id and c.total_leads > 0) then true
          when exists (select 1 from buyer_counters b where b.buyer_id = part.id and b.balance <> 0) then true
          when exists (select 1 from ledger l where l.buyer_id = part.id) then true
          when exists (select 1 from sales s where s.buyer_id = part.id) then true
          else exists (select 1 from deliveries d where d.recipient = 'buyer:' || part.id) end`,
    sql`select distinct party_id as id from campaign_counters where party = 'contract' and total_leads > 0 and ${isAsked("party_id")}
        union select distinct buyer_id from ledger where ${isAsked("buyer_id")}
        union select distinct buyer_id from sales where ${isAsked("buyer_id")}
        union ${sentTo("buyer")}`,
  ),
  campaign: inUse(
    "campaigns_in_use",
    sql`select id from ${ids}
        where case
          when exists (select 1 from campaign_counters c where c.campaign_id = part.id) then true
          else exists (select 1 from leads l where l.campaign_id = part.id) end`,
    sql`select distinct campaign_id as id from campaign_counters where ${isAsked("campaign_id")}
        union select distinct campaign_id from leads where ${isAsked("campaign_id")}`,
  ),
  webhook: inUse(
    "webhooks_in_use",
    sql`select id from ${ids} where exists (select 1 from deliveries d where d.recipient = 'webhook:' || part.id)`,
    sentTo("webhook"),
  ),
  conversion: inUse(
    "conversions_in_use",
    sql`select id from ${ids} where exists (select 1 from deliveries d where d.recipient = 'conversion:' || part.id)`,
    sentTo("conversion"),
  ),
  /** What was sent of it is of whom it was sent to. */
  report: statement<{ id: string }, { ids: string }>(
    "reports_in_use",
    "unspread",
    sql`select id from ${ids} where false`,
  ),
};

const selectArchived = statement<{ kind: ResourceKind; id: string }>(
  "select_archived",
  "all campaigns",
  sql`select 'suppression_list' as kind, id from suppression_lists where archived_at is not null
      union all select 'supplier', id from suppliers where archived_at is not null
      union all select 'buyer', id from buyers where archived_at is not null
      union all select 'campaign', id from campaigns where archived_at is not null
      union all select 'webhook', id from webhooks where archived_at is not null
      union all select 'conversion', id from conversions where archived_at is not null
      union all select 'report', id from scheduled_reports where archived_at is not null`,
);

/** Buyers as they are configured so far, archived ones too. */
export async function readBuyerDefinitions(db: Queryable): Promise<BuyerDefinition[]> {
  const rows = await builderOn(db).select({ definition: buyers.definition }).from(buyers);
  return rows.map((row) => row.definition as BuyerDefinition);
}

type Definition = { id: string };

const TABLES = {
  suppression_list: suppressionLists,
  supplier: suppliers,
  buyer: buyers,
  webhook: webhooks,
  conversion: conversions,
  report: scheduledReports,
} as const;
type PlainKind = keyof typeof TABLES;

const ROWS_AT_ONCE = 1000;

/** Writes these definitions over what was there; what was archived is no longer. */
export async function writeDefinitions(
  tx: Queryable,
  kind: PlainKind,
  definitions: readonly Definition[],
): Promise<void> {
  const table = TABLES[kind];
  for (let first = 0; first < definitions.length; first += ROWS_AT_ONCE) {
    const rows = definitions.slice(first, first + ROWS_AT_ONCE).map((definition) => ({
      id: definition.id,
      definition,
      archivedAt: null,
    }));
    await builderOn(tx)
      .insert(table)
      .values(rows)
      .onConflictDoUpdate({
        target: table.id,
        set: { definition: sql`excluded.definition`, archivedAt: null },
      });
  }
}

/** Campaigns that stay archived keep the time at which they were. */
export async function writeCampaigns(
  tx: Queryable,
  definitions: readonly CampaignDefinition[],
  revision: number,
  now: Date,
): Promise<void> {
  for (let first = 0; first < definitions.length; first += ROWS_AT_ONCE) {
    const rows = definitions.slice(first, first + ROWS_AT_ONCE).map((definition) => ({
      id: definition.id,
      revision,
      definition,
      archivedAt: definition.status === "archived" ? now.toISOString() : null,
    }));
    await builderOn(tx)
      .insert(campaigns)
      .values(rows)
      .onConflictDoUpdate({
        target: campaigns.id,
        set: {
          revision: sql`excluded.revision`,
          definition: sql`excluded.definition`,
          archivedAt: sql`case when excluded.archived_at is null then null
            else coalesce(${campaigns.archivedAt}, excluded.archived_at) end`,
        },
      });
  }
}

export async function archiveDefinitions(
  tx: Queryable,
  kind: PlainKind,
  ids: readonly string[],
  now: Date,
): Promise<void> {
  if (ids.length === 0) return;
  const table = TABLES[kind];
  await builderOn(tx)
    .update(table)
    .set({ archivedAt: now.toISOString() })
    .where(inArray(table.id, [...ids]));
}

/** Deletes what nothing refers to, with the keys, the secrets and the empty counters that belong to it. */
export async function deleteDefinitions(
  tx: Queryable,
  kind: ResourceKind,
  ids: readonly string[],
): Promise<void> {
  if (ids.length === 0) return;
  const doomed = [...ids];
  switch (kind) {
    case "suppression_list":
      await builderOn(tx).delete(suppressionLists).where(inArray(suppressionLists.id, doomed));
      return;
    case "supplier":
      await builderOn(tx).delete(partyKeys).where(inArray(partyKeys.supplierId, doomed));
      await builderOn(tx).delete(suppliers).where(inArray(suppliers.id, doomed));
      return;
    case "buyer":
      await builderOn(tx)
        .delete(campaignCounters)
        .where(and(eq(campaignCounters.party, "contract"), inArray(campaignCounters.partyId, doomed)));
      await builderOn(tx).delete(buyerCounters).where(inArray(buyerCounters.buyerId, doomed));
      await deleteEndpoints(tx, "buyer", doomed);
      await builderOn(tx).delete(partyKeys).where(inArray(partyKeys.buyerId, doomed));
      await builderOn(tx).delete(buyers).where(inArray(buyers.id, doomed));
      return;
    case "campaign":
      await builderOn(tx).delete(campaigns).where(inArray(campaigns.id, doomed));
      return;
    case "webhook":
      await deleteEndpoints(tx, "webhook", doomed);
      await builderOn(tx).delete(webhooks).where(inArray(webhooks.id, doomed));
      return;
    case "conversion":
      await deleteEndpoints(tx, "conversion", doomed);
      await builderOn(tx).delete(conversions).where(inArray(conversions.id, doomed));
      return;
    case "report":
      await builderOn(tx).delete(scheduledReports).where(inArray(scheduledReports.id, doomed));
      return;
  }
}

/** The secrets go too: who held them must not be able to sign for another recipient that is given the same id. */
async function deleteEndpoints(tx: Queryable, kind: ConfiguredKind, ids: readonly string[]): Promise<void> {
  const recipients = ids.map((id): Recipient => `${kind}:${id}`);
  await builderOn(tx).delete(signingSecrets).where(inArray(signingSecrets.recipient, recipients));
  await builderOn(tx).delete(endpoints).where(inArray(endpoints.recipient, recipients));
}
