import type { CreatedKey } from "#access/supplier-key-records.ts";
import type { ConfigurationDocument } from "#campaigns/document.ts";
import type { Database, Queryable } from "#database/database.ts";
import { isMapping, type Mapping } from "#text/problem.ts";
import { type Applied, type ChangedBy, changeConfiguration } from "./apply.ts";
import { readArchived, readArchivedPart } from "./archived-records.ts";
import { newestConfiguration } from "./configuration-records.ts";
import type { IdentifiedDocument } from "./identify.ts";
import { mergePatch } from "./merge-patch.ts";
import {
  type Draft,
  type Part,
  partsOfKind,
  problemsWithPart,
  referencesLeftIn,
  tagOf,
  withId,
  withoutPart,
  withPart,
} from "./part.ts";
import type { PartKind } from "./plan.ts";
import { problemsIn } from "./problems.ts";
import type { DocumentProblem } from "./schema-problems.ts";

/**
 * Single parts of the configuration document, read and changed. Each change is the document in force with that part changed, put in
 * force as any other document is.
 */

/** A part as it is shown: as the operator wrote it, and with the status `archived` when the document leaves it out. */
export interface Shown {
  part: Part;
  /** Of the part as it is shown here; changes whenever that does. */
  tag: string;
  /** Of the configuration in force. */
  revision: number;
}

/** Why a part was not changed. */
export type ResourceRefusal =
  | { why: "not_found" }
  /** A new one has the id of another, which may be archived. */
  | { why: "taken"; archived: boolean }
  | { why: "changed_since"; revision: number }
  | { why: "archived" }
  | { why: "not_valid"; problems: DocumentProblem[] }
  | { why: "referred_to"; places: DocumentProblem[] };

/** Thrown when a part cannot be changed so; nothing was. */
export class ResourceRefused extends Error {
  override readonly name = "ResourceRefused";
  readonly refusal: ResourceRefusal;
  constructor(refusal: ResourceRefusal) {
    super(`the part was not changed: ${refusal.why}`);
    this.refusal = refusal;
  }
}

/** Who changes a part, and on which of its states the change was made: any of these tags, or whichever it is in. */
export interface PartChangedBy extends Omit<ChangedBy, "ifRevision"> {
  ifTag: readonly string[] | null;
}

/** Which parts a list shows. */
export interface PartFilter {
  kind: PartKind;
  /** Those that are archived too. */
  archived: boolean;
}

/** Parts in the order of their ids, those with an id after `after`, at most `limit`. */
export async function listParts(
  db: Queryable,
  { kind, archived }: PartFilter,
  after: string | null,
  limit: number,
): Promise<Part[]> {
  const inForce = await newestConfiguration(db);
  const written = partsOfKind(inForce?.document ?? null, kind);
  const inDocument = written.filter((part) => archived || part.status !== "archived");
  const leftOut = archived
    ? await readArchived(
        db,
        kind,
        written.flatMap(({ id, status }) => (status === "archived" ? [id] : [])),
        after,
        limit,
      )
    : [];
  return [...inDocument, ...leftOut.map(archivedPart)]
    .filter(({ id }) => after === null || id > after)
    .toSorted((one, other) => (one.id < other.id ? -1 : 1))
    .slice(0, limit);
}

/** One part, in the document or archived. */
export async function readPart(database: Database, kind: PartKind, id: string): Promise<Shown | undefined> {
  return database.read(async (db) => {
    const inForce = await newestConfiguration(db);
    const part = await partShown(db, inForce?.document ?? null, kind, id);
    return part && { part, tag: tagOf(part), revision: inForce?.revision ?? 0 };
  });
}

/** Adds a part, which may be any value that JSON can give. @throws ResourceRefused */
export async function createPart(
  database: Database,
  kind: PartKind,
  entry: Mapping,
  by: Omit<PartChangedBy, "ifTag">,
): Promise<Shown & { createdKeys: CreatedKey[] }> {
  const added = withId(kind, entry);
  const applied = await changeConfiguration(database, { ...by, way: "resource" }, async (inForce, tx) => {
    const document = inForce?.document ?? null;
    if (typeof added.id === "string") {
      const holder = await partShown(tx, document, kind, added.id);
      if (holder !== undefined) refuse({ why: "taken", archived: isLeftOut(document, kind, holder.id) });
    }
    return checked(withPart(document, kind, added));
  });
  return { ...shownIn(applied, kind, String(added.id)), createdKeys: applied.createdKeys };
}

/** Changes a part by a JSON merge patch (RFC 7396). A status that is not `archived` brings an archived one back. @throws ResourceRefused */
export async function patchPart(
  database: Database,
  kind: PartKind,
  id: string,
  patch: Mapping,
  { ifTag, ...by }: PartChangedBy,
): Promise<Shown> {
  const applied = await changeConfiguration(database, { ...by, way: "resource" }, async (inForce, tx) => {
    const document = inForce?.document ?? null;
    const part = await partShown(tx, document, kind, id);
    if (part === undefined) return refuse({ why: "not_found" });
    if (!matches(part, ifTag)) return refuse({ why: "changed_since", revision: inForce?.revision ?? 0 });
    const patched = mergePatch(part, patch);
    if (!isMapping(patched)) throw new Error("a mapping patched by a mapping is one");
    if (patched.id !== id) {
      const message = "must stay as it is: whatever refers to it does so by its id";
      return refuse({ why: "not_valid", problems: [{ path: "id", code: "not_allowed", message }] });
    }
    if (isLeftOut(document, kind, id) && patched.status === "archived") return refuse({ why: "archived" });
    return checked(withPart(document, kind, written(kind, patched)));
  });
  return shownIn(applied, kind, id);
}

/** What became of a part that was taken out of the document. */
export interface Removed {
  action: "archived" | "deleted";
  revision: number;
}

/**
 * Takes a part out of the document: it is archived when there are leads, entries, deliveries or money of it on record, else deleted.
 * One that another part refers to stays. @throws ResourceRefused
 */
export async function removePart(
  database: Database,
  kind: PartKind,
  id: string,
  { ifTag, ...by }: PartChangedBy,
): Promise<Removed> {
  const { changes, revision } = await changeConfiguration(
    database,
    { ...by, way: "resource" },
    async (inForce, tx) => {
      const document = inForce?.document ?? null;
      const part = await partShown(tx, document, kind, id);
      if (part === undefined || document === null) return refuse({ why: "not_found" });
      if (!matches(part, ifTag)) return refuse({ why: "changed_since", revision: inForce?.revision ?? 0 });
      if (isLeftOut(document, kind, id)) return document;
      const without = withoutPart(document, kind, id);
      const places = referencesLeftIn(without);
      if (places.length > 0) {
        // An earlier release may have taken what this one does not: then it is not the part that is missed.
        const problems = problemsIn(document);
        return refuse(problems.length > 0 ? { why: "not_valid", problems } : { why: "referred_to", places });
      }
      return without as ConfigurationDocument;
    },
  );
  const isDeleted = changes.some((change) => change.kind === kind && change.action === "deleted");
  return { action: isDeleted ? "deleted" : "archived", revision };
}

async function partShown(
  db: Queryable,
  document: IdentifiedDocument | null,
  kind: PartKind,
  id: string,
): Promise<Part | undefined> {
  const part = partsOfKind(document, kind).find((each) => each.id === id);
  if (part !== undefined) return part;
  const leftOut = await readArchivedPart(db, kind, id);
  return leftOut && archivedPart(leftOut);
}

function archivedPart(part: Part): Part {
  return { ...part, status: "archived" };
}

function isLeftOut(document: IdentifiedDocument | null, kind: PartKind, id: string): boolean {
  return !partsOfKind(document, kind).some((part) => part.id === id);
}

/** Lists have no status of their own: `active` is only how one is brought back. */
function written(kind: PartKind, part: Mapping): Mapping {
  if (kind !== "suppression_list" || part.status !== "active") return part;
  const { status: _, ...list } = part;
  return list;
}

function matches(part: Part, ifTag: readonly string[] | null): boolean {
  return ifTag === null || ifTag.includes(tagOf(part));
}

function checked(draft: Draft): ConfigurationDocument {
  const problems = problemsWithPart(draft);
  if (problems.length > 0) refuse({ why: "not_valid", problems });
  return draft.document as unknown as ConfigurationDocument;
}

function shownIn({ document, revision }: Applied, kind: PartKind, id: string): Shown {
  const part = partsOfKind(document, kind).find((each) => each.id === id);
  if (part === undefined) throw new Error("a part that was put in force is not in the document");
  return { part, tag: tagOf(part), revision };
}

function refuse(refusal: ResourceRefusal): never {
  throw new ResourceRefused(refusal);
}
