import type { Database, Queryable } from "#database/database.ts";
import { hideSecrets, urlPieces } from "#endpoints/credentials/secret-parts.ts";
import { parseRecipient } from "#endpoints/recipient.ts";
import { isMapping, joinPath, type Mapping } from "#text/problem.ts";
import {
  type KeptResources,
  type SecretHolder,
  sealDocument,
  sealResource,
  secretHoldersIn,
} from "./document-secrets.ts";
import {
  compact,
  readClear,
  readNewestDocument,
  readUnsealed,
  removeUnsealed,
  type StoredValue,
  UNSEALED_PARTS,
  type UnsealedPart,
  writeSealed,
} from "./unsealed-records.ts";

/** Rows of a part that are sealed in one transaction: a document may be some MiB long. */
const ROWS_AT_ONCE = 20;

/**
 * Seals the secrets that an earlier release stored in clear, in every revision, definition and archived entry, and hides them in the
 * history. What was done is kept, so that it is done once a database; what breaks off begins anew. Answers whether there were any.
 * The pages that held them are written anew; the write-ahead log, older backups and the disk may hold them on.
 */
export async function sealStored(database: Database, key: Uint8Array): Promise<boolean> {
  const parts = new Set(await database.read(readUnsealed));
  for (const part of UNSEALED_PARTS.filter((each) => parts.has(each))) {
    await sealPart(database, part, key);
    await database.write((tx) => removeUnsealed(tx, part));
  }
  return parts.size > 0;
}

async function sealPart(database: Database, part: UnsealedPart, key: Uint8Array): Promise<void> {
  let after: string | null = null;
  let kept: KeptResources = new Map();
  for (;;) {
    const from: string | null = after;
    const before = kept;
    const done = await database.write(async (tx) => {
      const rows = await readClear(tx, part, from, ROWS_AT_ONCE);
      if (rows.length === 0) return undefined;
      const sealed = sealRows(part, rows, part === "configurations" ? before : await newest(tx), key);
      await writeSealed(tx, part, sealed.rows);
      return { kept: sealed.kept, last: rows.at(-1)?.place ?? "" };
    });
    if (done === undefined) break;
    after = done.last;
    kept = done.kept;
  }
  await database.write((tx) => compact(tx, part));
}

/** What is in force was sealed first: what is the same elsewhere is stored the same. */
async function newest(tx: Queryable): Promise<KeptResources> {
  const document = await readNewestDocument(tx);
  return secretHoldersIn(document === undefined ? null : (JSON.parse(document) as Mapping));
}

/** Of revisions each is sealed after the one before it, by which what stays the same between them is told. */
function sealRows(part: UnsealedPart, rows: readonly StoredValue[], first: KeptResources, key: Uint8Array) {
  let kept = first;
  const sealed = rows.map((row) => {
    const value: unknown = JSON.parse(row.value);
    const made = sealValue(part, row, value, kept, key);
    if (part === "configurations" && isMapping(made)) kept = secretHoldersIn(made);
    return { place: row.place, value: JSON.stringify(made) };
  });
  return { rows: sealed, kept };
}

function sealValue(
  part: UnsealedPart,
  { place }: StoredValue,
  value: unknown,
  kept: KeptResources,
  key: Uint8Array,
): unknown {
  switch (part) {
    case "configurations":
      return isMapping(value) ? sealDocument(value, kept, key) : value;
    case "archived_entries":
      return sealed(place.replace(" ", ":") as SecretHolder, value, kept, key);
    case "buyers":
      return sealed(`buyer:${place}`, value, kept, key);
    case "webhooks":
      return sealed(`webhook:${place}`, value, kept, key);
    case "campaigns":
      return isMapping(value) ? sealCampaign(value, kept, key) : value;
    case "history":
      return Array.isArray(value) ? value.map(hideInChange) : value;
  }
}

function sealed(recipient: SecretHolder, value: unknown, kept: KeptResources, key: Uint8Array): unknown {
  if (!isMapping(value)) return value;
  const { kind, id } = parseRecipient(recipient);
  return sealResource({ kind, resource: { id, ...value }, kept: kept.get(recipient) }, key).resource;
}

/** A campaign's row holds its buyers. */
function sealCampaign(campaign: Mapping, kept: KeptResources, key: Uint8Array): Mapping {
  const contracts: unknown = campaign.buyers;
  if (!Array.isArray(contracts)) return campaign;
  const buyers = contracts.map((contract: unknown) => {
    if (!isMapping(contract) || !isMapping(contract.buyer)) return contract;
    return { ...contract, buyer: sealed(`buyer:${String(contract.buyer.id)}`, contract.buyer, kept, key) };
  });
  return { ...campaign, buyers };
}

/** Headers were never in the history. */
function hideInChange(change: unknown): unknown {
  if (!isMapping(change) || !Array.isArray(change.differences)) return change;
  const isTemplate = change.kind === "buyer";
  if (!isTemplate && change.kind !== "webhook") return change;
  const differences = change.differences.map((difference: unknown) => {
    if (!isMapping(difference)) return difference;
    const path = String(difference.path);
    const shown = { ...difference } as Record<string, unknown>;
    for (const side of ["from", "to"]) {
      if (side in shown) shown[side] = hideUrls(shown[side], path, isTemplate);
    }
    return shown;
  });
  return { ...change, differences };
}

function hideUrls(value: unknown, path: string, isTemplate: boolean): unknown {
  if (typeof value === "string") {
    return /^(delivery\.(ping\.)?)?url$/.test(path) ? hideSecrets(urlPieces(value, isTemplate)) : value;
  }
  if (!isMapping(value) || !/^delivery(\.ping)?$/.test(path)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, hideUrls(member, joinPath(path, name), isTemplate)]),
  );
}
