import type { Mapping } from "#text/problem.ts";
import type { IdentifiedDocument } from "./identify.ts";
import { type Change, type Difference, settingsOf } from "./plan.ts";
import { resourcesOfKind } from "./resource.ts";
import type { ResourceKind } from "./resource-kind.ts";

/** How a change was made: by a whole document, one resource of it, an earlier document, or beside the document. */
export type ChangeWay = "document" | "resource" | "rollback" | "operation";

/** What operators change beside the document. */
export type OperatorAction =
  | "key_created"
  | "key_rotated"
  | "key_revoked"
  | "link_created"
  | "link_revoked"
  | "person_added"
  | "person_removed"
  | "passkey_added"
  | "passkey_removed"
  | "secret_rotated"
  | "token_set"
  | "deposit_made"
  | "payout_made"
  | "balance_adjusted"
  | "cost_set"
  | "invoice_issued"
  | "invoice_paid"
  | "return_accepted"
  | "return_rejected"
  | "lead_released"
  | "lead_rejected"
  | "entries_added"
  | "entries_removed"
  | "entries_replaced";

/** One thing that was changed, setting by setting; keys and secrets are never among them. */
export interface RecordedChange {
  kind: ResourceKind | "operator_key" | "person" | "setting";
  id: string;
  name: string | null;
  action: Change["action"] | OperatorAction;
  differences: Difference[];
}

/** A row of the history. */
export interface HistoryEntry {
  /** A UUIDv7. */
  id: string;
  /** As campaigns count it; null when no lead is decided otherwise by it. */
  revision: number | null;
  at: Date;
  by: string;
  way: ChangeWay;
  /** Of a rollback, the revision whose document it brought back. */
  restored: number | null;
  changes: RecordedChange[];
}

/** What a plan's changes are on record: with every setting of the resources that came or went. */
export function recordedChanges(
  changes: readonly Change[],
  before: IdentifiedDocument | null,
  after: IdentifiedDocument,
): RecordedChange[] {
  return changes.map((change) => {
    const { kind, id } = change;
    switch (change.action) {
      case "created":
      case "restored":
        return { ...change, differences: settingsOf(resourceIn(after, kind, id), "to") };
      case "archived":
      case "deleted":
        return { ...change, differences: settingsOf(resourceIn(before, kind, id), "from") };
      case "changed":
        return change;
    }
  });
}

function resourceIn(document: IdentifiedDocument | null, kind: Change["kind"], id: string): Mapping {
  if (kind === "setting") return {};
  return resourcesOfKind(document, kind).find((resource) => resource.id === id) ?? {};
}

/** Something that was changed beside the document. */
export function operation(
  about: { kind: RecordedChange["kind"]; id: string },
  action: OperatorAction | "changed",
  ...differences: Difference[]
): RecordedChange {
  return { ...about, name: null, action, differences };
}
