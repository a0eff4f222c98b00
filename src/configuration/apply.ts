import { type FirstKey, insertFirstKeys } from "#access/party-key-records.ts";
import {
  type LockedCampaign,
  lockCampaigns,
  lockConfigurations,
  nextRevision,
} from "#campaigns/campaign-lock-records.ts";
import type { CampaignDefinition, CompleteDocument } from "#campaigns/definition.ts";
import type { ConfigurationDocument } from "#campaigns/document.ts";
import { buyersLimitedAnew, buyersThatPayNow, recountFor } from "#campaigns/recount.ts";
import { foldBalances, forgetShares, recount } from "#campaigns/recount-records.ts";
import type { Database, Queryable } from "#database/database.ts";
import { parseRecipient } from "#endpoints/recipient.ts";
import { forgetArchived, keepArchived, readArchivedResource } from "./archived-records.ts";
import {
  archiveDefinitions,
  deleteDefinitions,
  insertConfiguration,
  newestConfiguration,
  readBuyerDefinitions,
  readOnRecord,
  type StoredConfiguration,
  writeCampaigns,
  writeDefinitions,
} from "./configuration-records.ts";
import { withDefaults } from "./defaults.ts";
import { type ChangeWay, recordedChanges } from "./history.ts";
import { type Author, recordHistory } from "./history-records.ts";
import { type IdentifiedDocument, identify } from "./identify.ts";
import { type Change, planChange } from "./plan.ts";
import { currencyChanges } from "./problems/kept-currency-records.ts";
import { RefusedDocument } from "./problems/refused-document.ts";
import { spanningProblems } from "./problems/spanning-problems.ts";
import { resourcesOfKind } from "./resource.ts";
import { RESOURCE_KINDS, type ResourceKind } from "./resource-kind.ts";
import { holdersWithHidden, sealDocument, secretHoldersIn } from "./secrets/document-secrets.ts";
import { wholeCampaigns } from "./whole-campaigns.ts";

export interface Applied {
  /** Of the configuration now in force. */
  revision: number;
  document: IdentifiedDocument;
  changes: Change[];
  /** The first keys of new suppliers, known this once. */
  createdKeys: FirstKey[];
}

/** The configuration in force is not the one that the change was made for. */
export class RevisionConflict extends Error {
  override readonly name = "RevisionConflict";
  readonly revision: number;
  constructor(revision: number) {
    super(`the configuration in force is revision ${revision}`);
    this.revision = revision;
  }
}

/** Where the configuration is, and the key under which its secrets are sealed. */
export interface ConfigurationStore {
  readonly database: Database;
  readonly secretKey: Uint8Array;
}

/** Who changes the configuration, and on which revision the change was made, if that matters. */
export interface ChangedBy extends Author {
  ifRevision?: number;
}

/**
 * Puts a document in force, all or nothing, for the very next lead on every server: it waits for the leads that are being
 * decided, and those after see a new revision. The document must have no problems (`problemsIn`). One that means
 * what is in force already changes nothing. Revisions count from 1; 0 stands for none yet.
 * Throws RevisionConflict when `ifRevision` is given and another is in force, and RefusedDocument.
 */
export async function applyConfiguration(
  configured: ConfigurationStore,
  document: ConfigurationDocument,
  by: ChangedBy,
): Promise<Applied> {
  return changeConfiguration(configured, { ...by, way: "document" }, () => document);
}

/**
 * The same for a document that is made from the one in force, which cannot be changed meanwhile: the one path by which the
 * configuration changes. What `revise` throws leaves all as it was. Unless a whole document is applied, one that means the same
 * but is written otherwise is put in force too.
 */
export async function changeConfiguration(
  { database, secretKey }: ConfigurationStore,
  by: ChangedBy & { way: Exclude<ChangeWay, "operation">; restored?: number },
  revise: (
    inForce: StoredConfiguration | null,
    tx: Queryable,
  ) => ConfigurationDocument | Promise<ConfigurationDocument>,
): Promise<Applied> {
  return database.write(async (tx) => {
    await lockConfigurations(tx);
    const inForce = await newestConfiguration(tx);
    const current = inForce?.revision ?? 0;
    if (by.ifRevision !== undefined && by.ifRevision !== current) throw new RevisionConflict(current);
    // Leads are decided on until here: to check a large document takes its time.
    const wanted = await sealed(await revise(inForce, tx), inForce?.document ?? null, { tx, secretKey });
    refuseWhatSpansNodes(tx, wanted);
    const stored = await lockCampaigns(tx);
    await refuseChangedCurrency(tx, inForce?.document ?? null, wanted);
    const onRecord = await readOnRecord(tx, inForce?.document ?? null, wanted);
    const changes = planChange(inForce?.document ?? null, wanted, onRecord);
    if (
      inForce !== null &&
      changes.length === 0 &&
      (by.way === "document" || isWrittenAlike(inForce, wanted))
    ) {
      return { revision: current, document: inForce.document, changes, createdKeys: [] };
    }

    const revision = await nextRevision(tx);
    const complete = withDefaults(wanted);
    const campaigns = wholeCampaigns(complete);
    const before = {
      campaigns: stored.map((campaign) => campaign.definition),
      buyers: await readBuyerDefinitions(tx),
    };
    await insertConfiguration(tx, { revision, document: wanted }, { at: by.now, by: by.by });
    await writeChanged(tx, complete, changes);
    await writeCampaigns(tx, changedCampaigns(campaigns, stored, changes), revision, by.now);
    await removeLeftOut(tx, changes, by.now);
    await keepLeftOut(tx, changes, inForce?.document ?? null);
    const createdKeys = await insertFirstKeys(tx, idsChanged(changes, "supplier", "created"), by.now);
    const after = { campaigns, buyers: complete.buyers };
    await recount(tx, recountFor(before, after), by.now);
    if (tx.isSpread === true) await forgetShares(tx, buyersLimitedAnew(before, after));
    else await foldBalances(tx, buyersThatPayNow(before.buyers, complete.buyers));
    const recorded = recordedChanges(changes, inForce?.document ?? null, wanted);
    await recordHistory(tx, by, { revision, way: by.way, restored: by.restored, changes: recorded });
    return { revision, document: wanted, changes, createdKeys };
  });
}

/** The document with its ids, as it may be stored. `***` keeps what is there, also of what is archived. Throws RefusedDocument. */
async function sealed(
  document: ConfigurationDocument,
  inForce: IdentifiedDocument | null,
  { tx, secretKey }: { tx: Queryable; secretKey: Uint8Array },
): Promise<IdentifiedDocument> {
  const wanted = identify(document, inForce);
  const kept = secretHoldersIn(inForce);
  for (const holder of holdersWithHidden(wanted)) {
    if (kept.has(holder)) continue;
    const { kind, id } = parseRecipient(holder);
    const archived = await readArchivedResource(tx, kind, id);
    if (archived !== undefined) kept.set(holder, archived);
  }
  return sealDocument(wanted, kept, secretKey);
}

async function refuseChangedCurrency(
  db: Queryable,
  inForce: IdentifiedDocument | null,
  wanted: IdentifiedDocument,
): Promise<void> {
  const problems = await currencyChanges(db, inForce && withDefaults(inForce), withDefaults(wanted));
  if (problems.length > 0) throw new RefusedDocument(problems);
}

function refuseWhatSpansNodes(db: Queryable, wanted: IdentifiedDocument): void {
  const problems = db.isSpread === true ? spanningProblems(withDefaults(wanted)) : [];
  if (problems.length > 0) throw new RefusedDocument(problems);
}

/** To the byte, as it is stored and shown. */
function isWrittenAlike(inForce: StoredConfiguration, wanted: IdentifiedDocument): boolean {
  return JSON.stringify(inForce.document) === JSON.stringify(wanted);
}

/** What would change if a document were put in force now, the document with its ids, and the revision that this was seen against. */
export interface PlannedConfiguration {
  revision: number;
  document: IdentifiedDocument;
  changes: Change[];
}

/** What applying the document would change now. Writes nothing. Throws RefusedDocument. */
export function planConfiguration(
  configured: ConfigurationStore,
  document: ConfigurationDocument,
): Promise<PlannedConfiguration> {
  return planRevised(configured, () => document);
}

/** The same of a document that is on record, as it is found in what is read with it. */
export async function planRevised(
  { database, secretKey }: ConfigurationStore,
  find: (db: Queryable) => ConfigurationDocument | Promise<ConfigurationDocument>,
): Promise<PlannedConfiguration> {
  return database.read(async (db) => {
    const inForce = await newestConfiguration(db);
    const current = inForce?.document ?? null;
    const wanted = await sealed(await find(db), current, { tx: db, secretKey });
    refuseWhatSpansNodes(db, wanted);
    await refuseChangedCurrency(db, current, wanted);
    const changes = planChange(current, wanted, await readOnRecord(db, current, wanted));
    return { revision: inForce?.revision ?? 0, document: wanted, changes };
  });
}

async function writeChanged(
  tx: Queryable,
  complete: CompleteDocument,
  changes: readonly Change[],
): Promise<void> {
  const touched = (kind: ResourceKind) =>
    new Set(idsChanged(changes, kind, "created", "restored", "changed"));
  const [lists, suppliers, buyers] = [touched("suppression_list"), touched("supplier"), touched("buyer")];
  const [webhooks, conversions, reports] = [touched("webhook"), touched("conversion"), touched("report")];
  await writeDefinitions(
    tx,
    "suppression_list",
    complete.suppression_lists.filter((each) => lists.has(each.id)),
  );
  await writeDefinitions(
    tx,
    "supplier",
    complete.suppliers.filter((each) => suppliers.has(each.id)),
  );
  await writeDefinitions(
    tx,
    "buyer",
    complete.buyers.filter((each) => buyers.has(each.id)),
  );
  await writeDefinitions(
    tx,
    "webhook",
    complete.webhooks.filter((each) => webhooks.has(each.id)),
  );
  await writeDefinitions(
    tx,
    "conversion",
    complete.conversions.filter((each) => conversions.has(each.id)),
  );
  await writeDefinitions(
    tx,
    "report",
    complete.reports.filter((each) => reports.has(each.id)),
  );
}

/**
 * The campaigns whose leads will be decided otherwise, by what they hold rather than by what the document changed: a buyer's new
 * cap changes each of its campaigns. The others keep their revision, and the servers what they compiled.
 */
function changedCampaigns(
  campaigns: readonly CampaignDefinition[],
  stored: readonly LockedCampaign[],
  changes: readonly Change[],
): CampaignDefinition[] {
  const rows = new Map(stored.map((row) => [row.id, row]));
  const changed = campaigns.filter((campaign) => {
    const row = rows.get(campaign.id);
    return row === undefined || !Bun.deepEquals(row.definition, asStored(campaign), true);
  });
  const archived = idsChanged(changes, "campaign", "archived").flatMap((id) => {
    const row = rows.get(id);
    return row === undefined ? [] : [{ ...row.definition, status: "archived" as const }];
  });
  return [...changed, ...archived];
}

/** As it comes back from JSON: without what is undefined. */
function asStored(campaign: CampaignDefinition): unknown {
  return JSON.parse(JSON.stringify(campaign));
}

async function removeLeftOut(tx: Queryable, changes: readonly Change[], now: Date): Promise<void> {
  for (const kind of ["suppression_list", "supplier", "buyer", "webhook", "conversion", "report"] as const) {
    await archiveDefinitions(tx, kind, idsChanged(changes, kind, "archived"), now);
    await deleteDefinitions(tx, kind, idsChanged(changes, kind, "deleted"));
  }
  await deleteDefinitions(tx, "campaign", idsChanged(changes, "campaign", "deleted"));
}

/** What is archived keeps what was written of it, so that it can be shown and brought back. */
async function keepLeftOut(
  tx: Queryable,
  changes: readonly Change[],
  before: IdentifiedDocument | null,
): Promise<void> {
  for (const kind of RESOURCE_KINDS) {
    const archived = new Set(idsChanged(changes, kind, "archived"));
    await keepArchived(
      tx,
      kind,
      resourcesOfKind(before, kind).filter(({ id }) => archived.has(id)),
    );
    await forgetArchived(tx, kind, idsChanged(changes, kind, "created", "restored"));
  }
}

function idsChanged(
  changes: readonly Change[],
  kind: ResourceKind,
  ...actions: Change["action"][]
): string[] {
  return changes.flatMap((change) =>
    change.kind === kind && actions.includes(change.action) ? [change.id] : [],
  );
}
