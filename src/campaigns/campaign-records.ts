import { sql } from "drizzle-orm";
import { ms } from "#database/columns.ts";
import type { Queryable } from "#database/database.ts";
import { statement } from "#database/statement.ts";
import type { SuppressionKind } from "#people/suppression-key.ts";
import { type CompiledSupplier, compileSupplier, type StoredCampaign } from "./campaign.ts";
import type { CampaignDefinition, SupplierDefinition } from "./definition.ts";

/**
 * The campaign as it is stored, with the live keys of its suppliers; undefined when there is none. The keys are read after
 * the row: they can only be newer than its revision, and the revision is compared under the lock before a lead is decided by it.
 */
export async function readCampaign(db: Queryable, id: string): Promise<StoredCampaign | undefined> {
  const [row] = await selectCampaign.run(db, { id });
  if (row === undefined) return undefined;
  const definition = JSON.parse(row.definition) as CampaignDefinition;
  return { revision: row.revision, definition, ...(await readSurroundings(db, definition)) };
}

/** What a campaign is compiled from beside its definition, which need not be in force. */
export async function readSurroundings(
  db: Queryable,
  definition: CampaignDefinition,
): Promise<Omit<StoredCampaign, "revision" | "definition">> {
  const suppliers = JSON.stringify(definition.suppliers.map((link) => link.supplier.id));
  const lists = [definition, ...definition.buyers.map(({ buyer }) => buyer)].flatMap(
    (each) => each.suppression_lists,
  );
  const pausable = definition.buyers
    .map(({ buyer }) => buyer)
    .filter(({ billing }) => billing.when_overdue === "pause");
  const [keys, kinds, dues] = await Promise.all([
    selectKeys.run(db, { suppliers }),
    selectKinds.run(db, { lists: JSON.stringify(lists) }),
    pausable.length === 0 ? [] : selectDues.run(db, { buyers: JSON.stringify(pausable.map(({ id }) => id)) }),
  ]);
  return {
    keys: keys.map((key) => ({
      id: key.id,
      expiresAt: key.expiresAt === null ? null : new Date(key.expiresAt),
    })),
    suppressionKinds: new Set(kinds.map(({ kind }) => kind)),
    overdueFrom: new Map(dues.map(({ buyerId, dueAt }) => [buyerId, dueAt])),
  };
}

/** An invoice that is issued or paid raises the revision of its buyer's campaigns, so this is as good as the row. */
const selectDues = statement<{ buyerId: string; dueAt: number }, { buyers: string }>(
  "select_invoices_due",
  "unspread",
  ($) => sql`select buyer_id as "buyerId", ${ms("min(due_at)")} as "dueAt" from invoices
      where paid_at is null and buyer_id in (select json_array_elements_text(${$.buyers}::text::json))
      group by buyer_id`,
);

const selectCampaign = statement<{ revision: number; definition: string }, { id: string }>(
  "select_campaign",
  "one campaign",
  ($) => sql`select revision, definition::text as definition from campaigns where id = ${$.id}`,
);

const selectKeys = statement<{ id: string; expiresAt: number | null }, { suppliers: string }>(
  "select_campaign_keys",
  "unspread",
  ($) => sql`select id, ${ms("expires_at")} as "expiresAt" from party_keys
      where revoked_at is null
        and supplier_id in (select json_array_elements_text(${$.suppliers}::text::json))`,
);

const selectKinds = statement<{ kind: SuppressionKind }, { lists: string }>(
  "select_suppression_kinds",
  "unspread",
  ($) => sql`select distinct unnest(kinds) as kind from suppression_lists
      where id in (select json_array_elements_text(${$.lists}::text::json))`,
);

/** The revision of the campaign that is in force; undefined when there is no such campaign. */
export async function readRevision(db: Queryable, id: string): Promise<number | undefined> {
  const [row] = await selectRevision.run(db, { id });
  return row?.revision;
}

const selectRevision = statement<{ revision: number }, { id: string }>(
  "select_campaign_revision",
  "one campaign",
  ($) => sql`select revision from campaigns where id = ${$.id}`,
);

/** Who holds a key: a supplier as it is configured now, or a buyer. */
export type KeyHolder = SupplierHolder | BuyerHolder;

interface HeldKey {
  keyId: string;
  expiresAt: Date | null;
  /** No key but a session: of somebody in a browser, whose pages ask for several things at once. */
  inBrowser?: true;
}

export interface SupplierHolder extends HeldKey {
  kind: "supplier";
  /** The one campaign that the key is for; null: the supplier's. */
  campaignId: string | null;
  supplier: CompiledSupplier;
}

export interface BuyerHolder extends HeldKey {
  kind: "buyer";
  buyerId: string;
}

/** Where a key is shown: in the header `x-api-key`, or in the address that its supplier posts to. */
export type KeyPlace = "header" | "url";

/**
 * The holder of the key with this SHA-256 (hex) for this place; undefined when no live key has it. Whether it has expired is the
 * caller's to see.
 */
export async function readKeyHolder(
  db: Queryable,
  sha256: string,
  shownIn: KeyPlace,
): Promise<KeyHolder | undefined> {
  const [row] = await selectKeyHolder.run(db, { sha256, shownIn });
  if (row === undefined) return undefined;
  const { keyId, campaignId, supplier, buyer } = row;
  const key = { keyId, expiresAt: row.expiresAt === null ? null : new Date(row.expiresAt) };
  if (supplier !== null) {
    const compiled = compileSupplier(JSON.parse(supplier) as SupplierDefinition);
    return { ...key, kind: "supplier", campaignId, supplier: compiled };
  }
  return buyer === null ? undefined : { ...key, kind: "buyer", buyerId: buyer };
}

const selectKeyHolder = statement<
  {
    keyId: string;
    campaignId: string | null;
    expiresAt: number | null;
    supplier: string | null;
    buyer: string | null;
  },
  { sha256: string; shownIn: KeyPlace }
>(
  "select_key_holder",
  "unspread",
  ($) => sql`select k.id as "keyId", k.campaign_id as "campaignId", ${ms("k.expires_at")} as "expiresAt",
        s.definition::text as supplier, b.id as buyer
      from party_keys k
      left join suppliers s on s.id = k.supplier_id and s.archived_at is null
      left join buyers b on b.id = k.buyer_id and b.archived_at is null
      where k.sha256 = decode(${$.sha256}::text, 'hex') and k.shown_in = ${$.shownIn}::text
        and k.revoked_at is null`,
);
