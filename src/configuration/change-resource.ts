import type { FirstKey } from "#access/party-key-records.ts";
import type { ConfigurationDocument } from "#campaigns/document.ts";
import { problemsIn } from "#configuration/problems/document-problems.ts";
import type { DocumentProblem } from "#configuration/problems/schema-problems.ts";
import type { Queryable } from "#database/database.ts";
import { isMapping, type Mapping } from "#text/problem.ts";
import { type Applied, type ChangedBy, type ConfigurationStore, changeConfiguration } from "./apply.ts";
import { readArchived, readArchivedResource } from "./archived-records.ts";
import { newestConfiguration } from "./configuration-records.ts";
import type { IdentifiedDocument } from "./identify.ts";
import { applyMergePatch } from "./merge-patch.ts";
import { RefusedDocument } from "./problems/refused-document.ts";
import {
  type DocumentDraft,
  problemsWithResource,
  type Resource,
  referencesLeftIn,
  resourcesOfKind,
  tagOf,
  withId,
  withoutResource,
  withResource,
} from "./resource.ts";
import { LISTS, type ResourceKind } from "./resource-kind.ts";
import { shownDocument, shownResource } from "./secrets/document-secrets.ts";
import { takePauseOver } from "./self-pause.ts";

/**
 * Single resources of the configuration document, read and changed. Each change is the document in force with that resource changed, put in
 * force as any other document is.
 */

/** A resource as it is shown: as it was written, its secrets hidden, and with the status `archived` when the document leaves it out. */
export interface VersionedResource {
  resource: Resource;
  /** Changes whenever the resource does, also what of it is hidden. */
  tag: string;
  /** Of the configuration in force. */
  revision: number;
}

/** Why a resource was not changed. */
export type ResourceRefusal =
  | { why: "not_found" }
  /** A new one has the id of another, which may be archived. */
  | { why: "taken"; archived: boolean }
  | { why: "changed_since"; revision: number }
  | { why: "archived" }
  | { why: "not_valid"; problems: DocumentProblem[] }
  | { why: "referred_to"; places: DocumentProblem[] };

/** Thrown when a resource cannot be changed so; nothing was. */
export class ResourceRefused extends Error {
  override readonly name = "ResourceRefused";
  readonly refusal: ResourceRefusal;
  constructor(refusal: ResourceRefusal) {
    super(`the resource was not changed: ${refusal.why}`);
    this.refusal = refusal;
  }
}

/** Who changes a resource, and on which of its states the change was made: any of these tags, or whichever it is in. */
export interface ResourceChangedBy extends Omit<ChangedBy, "ifRevision"> {
  ifTag: readonly string[] | null;
}

/** Which resources a list shows. */
export interface ResourceFilter {
  kind: ResourceKind;
  /** Those that are archived too. */
  archived: boolean;
}

/** Parts in the order of their ids, those with an id after `after`, at most `limit`. */
export async function listResources(
  db: Queryable,
  { kind, archived }: ResourceFilter,
  after: string | null,
  limit: number,
): Promise<Resource[]> {
  const inForce = await newestConfiguration(db);
  const written = resourcesOfKind(inForce?.document ?? null, kind);
  const inDocument = written.filter((resource) => archived || resource.status !== "archived");
  const leftOut = archived
    ? await readArchived(
        db,
        kind,
        written.flatMap(({ id, status }) => (status === "archived" ? [id] : [])),
        after,
        limit,
      )
    : [];
  return [...inDocument, ...leftOut.map(asArchived)]
    .filter(({ id }) => after === null || id > after)
    .toSorted((one, other) => (one.id < other.id ? -1 : 1))
    .slice(0, limit)
    .map((resource) => shownResource(kind, resource));
}

/** One resource, in the document or archived. */
export async function readResource(
  { database }: Pick<ConfigurationStore, "database">,
  kind: ResourceKind,
  id: string,
): Promise<VersionedResource | undefined> {
  return database.read(async (db) => {
    const inForce = await newestConfiguration(db);
    const resource = await findResource(db, inForce?.document ?? null, kind, id);
    if (resource === undefined) return undefined;
    return {
      resource: shownResource(kind, resource),
      tag: tagOf(resource),
      revision: inForce?.revision ?? 0,
    };
  });
}

/** Adds a resource, which may be any value that JSON can give. @throws ResourceRefused */
export async function createResource(
  configured: ConfigurationStore,
  kind: ResourceKind,
  entry: Mapping,
  by: Omit<ResourceChangedBy, "ifTag">,
): Promise<VersionedResource & { createdKeys: FirstKey[] }> {
  const added = withId(kind, entry);
  const applied = await changeResource(configured, kind, by, async (inForce, tx) => {
    const document = inForce && shownDocument(inForce.document);
    if (typeof added.id === "string") {
      const holder = await findResource(tx, document, kind, added.id);
      if (holder !== undefined)
        refuseChange({ why: "taken", archived: isLeftOut(document, kind, holder.id) });
    }
    return requireValid(withResource(document, kind, added));
  });
  return { ...versionedResource(applied, kind, String(added.id)), createdKeys: applied.createdKeys };
}

/**
 * Changes a resource by a JSON merge patch (RFC 7396). A status that is not `archived` brings an archived one back.
 *
 * @throws ResourceRefused
 */
export async function patchResource(
  configured: ConfigurationStore,
  kind: ResourceKind,
  id: string,
  patch: Mapping,
  { ifTag, ...by }: ResourceChangedBy,
): Promise<VersionedResource> {
  const applied = await changeResource(configured, kind, by, async (inForce, tx) => {
    const document = inForce && shownDocument(inForce.document);
    const resource = await findResource(tx, inForce?.document ?? null, kind, id);
    if (resource === undefined) return refuseChange({ why: "not_found" });
    if (!matches(resource, ifTag))
      return refuseChange({ why: "changed_since", revision: inForce?.revision ?? 0 });
    const patched = applyMergePatch(shownResource(kind, resource), patch);
    if (!isMapping(patched)) throw new Error("a mapping patched by a mapping is one");
    if (patched.id !== id) {
      const message = "must stay as it is: whatever refers to it does so by its id";
      return refuseChange({ why: "not_valid", problems: [{ path: "id", code: "not_allowed", message }] });
    }
    if (isLeftOut(document, kind, id) && patched.status === "archived")
      return refuseChange({ why: "archived" });
    if (kind === "buyer" && patch.status === "paused" && resource.status === "paused")
      await takePauseOver(tx, id, by);
    return requireValid(withResource(document, kind, withoutActiveStatus(kind, patched)));
  });
  return versionedResource(applied, kind, id);
}

/** What became of a resource that was taken out of the document. */
export interface Removed {
  action: "archived" | "deleted";
  revision: number;
}

/**
 * Takes a resource out of the document: it is archived when there are leads, entries, deliveries or money of it on record, else deleted.
 * One that another resource refers to stays. @throws ResourceRefused
 */
export async function removeResource(
  configured: ConfigurationStore,
  kind: ResourceKind,
  id: string,
  { ifTag, ...by }: ResourceChangedBy,
): Promise<Removed> {
  const { changes, revision } = await changeResource(configured, kind, by, async (inForce, tx) => {
    const document = inForce && shownDocument(inForce.document);
    const resource = await findResource(tx, inForce?.document ?? null, kind, id);
    if (resource === undefined || document === null) return refuseChange({ why: "not_found" });
    if (!matches(resource, ifTag))
      return refuseChange({ why: "changed_since", revision: inForce?.revision ?? 0 });
    if (isLeftOut(document, kind, id)) return document;
    const without = withoutResource(document, kind, id);
    const places = referencesLeftIn(without);
    if (places.length > 0) {
      // An earlier release may have taken what this one does not: then it is not the resource that is missed.
      const problems = problemsIn(document);
      return refuseChange(
        problems.length > 0 ? { why: "not_valid", problems } : { why: "referred_to", places },
      );
    }
    return without as ConfigurationDocument;
  });
  const isDeleted = changes.some((change) => change.kind === kind && change.action === "deleted");
  return { action: isDeleted ? "deleted" : "archived", revision };
}

/** Changes the document in force, shown, by one resource of it. What is refused of it is told of that resource. */
async function changeResource(
  configured: ConfigurationStore,
  kind: ResourceKind,
  by: Omit<ResourceChangedBy, "ifTag">,
  revise: Parameters<typeof changeConfiguration>[2],
): Promise<Applied> {
  try {
    return await changeConfiguration(configured, { ...by, way: "resource" }, revise);
  } catch (error) {
    if (!(error instanceof RefusedDocument)) throw error;
    const within = new RegExp(`^${LISTS[kind].name}\\[[^\\]]+\\]\\.`);
    const problems = error.problems.map((each) => ({ ...each, path: each.path.replace(within, "") }));
    return refuseChange({ why: "not_valid", problems });
  }
}

async function findResource(
  db: Queryable,
  document: IdentifiedDocument | null,
  kind: ResourceKind,
  id: string,
): Promise<Resource | undefined> {
  const resource = resourcesOfKind(document, kind).find((each) => each.id === id);
  if (resource !== undefined) return resource;
  const leftOut = await readArchivedResource(db, kind, id);
  return leftOut && asArchived(leftOut);
}

function asArchived(resource: Resource): Resource {
  return { ...resource, status: "archived" };
}

function isLeftOut(document: IdentifiedDocument | null, kind: ResourceKind, id: string): boolean {
  return !resourcesOfKind(document, kind).some((resource) => resource.id === id);
}

/** Lists have no status of their own: `active` is only how one is brought back. */
function withoutActiveStatus(kind: ResourceKind, resource: Mapping): Mapping {
  if (kind !== "suppression_list" || resource.status !== "active") return resource;
  const { status: _, ...list } = resource;
  return list;
}

function matches(resource: Resource, ifTag: readonly string[] | null): boolean {
  return ifTag === null || ifTag.includes(tagOf(resource));
}

function requireValid(draft: DocumentDraft): ConfigurationDocument {
  const problems = problemsWithResource(draft);
  if (problems.length > 0) refuseChange({ why: "not_valid", problems });
  return draft.document as unknown as ConfigurationDocument;
}

function versionedResource(
  { document, revision }: Applied,
  kind: ResourceKind,
  id: string,
): VersionedResource {
  const resource = resourcesOfKind(document, kind).find((each) => each.id === id);
  if (resource === undefined) throw new Error("a resource that was put in force is not in the document");
  return { resource: shownResource(kind, resource), tag: tagOf(resource), revision };
}

function refuseChange(refusal: ResourceRefusal): never {
  throw new ResourceRefused(refusal);
}
