import { problemsIn } from "#configuration/problems/document-problems.ts";
import type { DocumentProblem } from "#configuration/problems/schema-problems.ts";
import type { Queryable } from "#database/database.ts";
import {
  type Applied,
  type ChangedBy,
  type ConfigurationStore,
  changeConfiguration,
  type PlannedConfiguration,
  planRevised,
} from "./apply.ts";
import { readPastConfiguration } from "./history-records.ts";
import type { IdentifiedDocument } from "./identify.ts";
import { shownDocument } from "./secrets/document-secrets.ts";

/** An earlier document cannot be brought back: there is none of that revision, or this version refuses it. */
export class RollbackRefused extends Error {
  override readonly name = "RollbackRefused";
  /** Empty when there was no configuration at that revision. */
  readonly problems: readonly DocumentProblem[];
  constructor(problems: readonly DocumentProblem[]) {
    super("an earlier configuration cannot be brought back");
    this.problems = problems;
  }
}

/**
 * Puts the document that was in force at a revision in force again, to the byte, as a new revision. Keys, secrets, counters and
 * entries are no part of it and stay.
 * Throws RollbackRefused, and RevisionConflict when `ifRevision` is given and another is in force.
 */
export async function rollBackConfiguration(
  configured: ConfigurationStore,
  revision: number,
  by: ChangedBy,
): Promise<Applied> {
  const change = { ...by, way: "rollback" as const, restored: revision };
  return changeConfiguration(configured, change, (_, tx) => pastDocument(tx, revision));
}

/**
 * What that would change now, the credentials of then among it: a document that was read has `***` for those, which stands for what
 * is kept now. Writes nothing. Throws RollbackRefused, and RefusedDocument.
 */
export async function planRollback(
  configured: ConfigurationStore,
  revision: number,
): Promise<PlannedConfiguration> {
  return planRevised(configured, (db) => pastDocument(db, revision));
}

async function pastDocument(db: Queryable, revision: number): Promise<IdentifiedDocument> {
  const past = await readPastConfiguration(db, revision);
  const problems = past && problemsIn(shownDocument(past.document));
  if (past === undefined || problems === undefined || problems.length > 0) {
    throw new RollbackRefused(problems ?? []);
  }
  return past.document;
}
