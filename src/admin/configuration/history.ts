import type { AdminParts } from "#admin/parts.ts";
import { readOnRecord } from "#configuration/configuration-records.ts";
import { type HistoryEntry, type RecordedChange, recordedChanges } from "#configuration/history.ts";
import {
  listHistory,
  type PastConfiguration,
  readHistory,
  readPastConfiguration,
} from "#configuration/history-records.ts";
import { planChange } from "#configuration/plan.ts";
import { CONFIGURATION } from "#configuration/reference/document-schema.ts";
import { RESOURCE_KINDS } from "#configuration/resource-kind.ts";
import { shownDocument } from "#configuration/secrets/document-secrets.ts";
import type { Queryable } from "#database/database.ts";
import type { Listing } from "#http/listing.ts";
import { anything, moment, pageSettings } from "#http/query.ts";
import { listRoute, type Route, singleRoute } from "#http/route.ts";
import { dataOf, listOf, named, objectOf, pageOf, text, textOrNull, time, wordOf } from "#http/schema.ts";
import { exampleCall, pathParameter, refusalWords, reply } from "#http/words.ts";
import { changeIdOf, uuidOfChange } from "#text/ids.ts";
import { changeAnswer } from "./configuration-schemas.ts";

const NO_REVISION = "There was no configuration at this revision.";

/** Who changed what and when: configuration, keys, secrets, money, suppression lists. */
export function historyRoutes(parts: AdminParts): Route[] {
  return [
    listRoute({
      path: "/api/v1/admin/history",
      who: parts.operators.read,
      listing: historyListing(parts),
      shown: summary,
      reads: { limit: { ...pageSettings(uuidOfChange).limit, example: 1 } },
      words: {
        operation: "listHistory",
        section: "Operators",
        summary: "What was changed, newest first",
        description: `What operators changed, newest first: the configuration, and keys, secrets, deposits and
suppression entries beside it. All settings of parts that were created or removed are with the single revision.`,
        calls: {
          newest: exampleCall("The last change of the demo set-up", undefined, 200, {
            data: [NEWEST],
            next_cursor: NEWEST.id,
          }),
        },
        replies: { 200: reply("A page of them.", pageOf(HISTORY_ENTRY)) },
      },
    }),
    singleRoute({
      path: "/api/v1/admin/history/:revision",
      who: parts.operators.read,
      missing: NO_REVISION,
      read: ({ revision }) => parts.database.read((db) => readRevisionNumber(db, revision)),
      words: {
        operation: "getRevision",
        section: "Operators",
        summary: "One revision: what it changed, and the configuration then in force",
        description:
          "One revision, as leads name it: what it changed, setting by setting, and the configuration then in force.",
        params: { revision: pathParameter("The revision", 1) },
        replies: { 200: reply("The revision.", dataOf(REVISION)), 404: refusalWords(NO_REVISION) },
      },
    }),
  ];
}

/** By which a list is narrowed to changes of one part, and the kind of that part. */
const ABOUT = {
  campaign: "campaign",
  supplier: "supplier",
  buyer: "buyer",
  list: "suppression_list",
  webhook: "webhook",
  operator_key: "operator_key",
  person: "person",
} as const satisfies Record<string, RecordedChange["kind"]>;

const ONE = anything("Only changes of the one with this id");

const SETTINGS = {
  campaign: ONE,
  supplier: ONE,
  buyer: ONE,
  list: ONE,
  webhook: ONE,
  operator_key: ONE,
  person: ONE,
  since: moment("Made at or after"),
  until: moment("Made before"),
};

function historyListing({ database }: AdminParts): Listing<typeof SETTINGS, HistoryEntry> {
  return {
    settings: SETTINGS,
    read({ since, until, ...ids }, before, limit) {
      const about = Object.entries(ids).flatMap(([name, id]) =>
        id !== null && name in ABOUT ? [`${ABOUT[name as keyof typeof ABOUT]}:${id}`] : [],
      );
      return database.read((db) => listHistory(db, { about, since, until }, before, limit));
    },
    idOf: changeIdOf,
    uuidOf: uuidOfChange,
  };
}

const NEWEST = {
  id: "change_01k6a1npq7f9gtqf2hs6zkdsn4",
  revision: 2,
  at: "2026-01-13T17:00:00.000Z",
  by: "LEADGATE_ADMIN_KEY",
  via: "operation",
  restored_revision: null,
  changes: [
    {
      kind: "suppression_list",
      id: "global-dnc",
      name: null,
      action: "entries_added",
      differences: [{ path: "entries.added", to: 4 }],
      summary: "suppression list global-dnc entries added\n  entries.added: (absent) → 4",
    },
  ],
};

const RECORDED_CHANGE = named(
  "RecordedChange",
  objectOf({
    kind: wordOf([...RESOURCE_KINDS, "setting", "operator_key", "person"]),
    id: text,
    name: textOrNull,
    action: wordOf([
      "created",
      "restored",
      "changed",
      "archived",
      "deleted",
      "key_created",
      "key_rotated",
      "key_revoked",
      "link_created",
      "link_revoked",
      "person_added",
      "person_removed",
      "passkey_added",
      "passkey_removed",
      "secret_rotated",
      "token_set",
      "deposit_made",
      "payout_made",
      "balance_adjusted",
      "cost_set",
      "invoice_issued",
      "invoice_paid",
      "return_accepted",
      "return_rejected",
      "lead_released",
      "lead_rejected",
      "entries_added",
      "entries_removed",
      "entries_replaced",
    ]),
    differences: listOf(
      objectOf({ path: text }, { from: {}, to: {} }),
      "Setting by setting. Keys and secrets are never among them.",
    ),
    summary: { type: "string", description: "The change in words." },
  }),
);

const ENTRY = {
  revision: {
    type: ["integer", "null"],
    description: "As leads name it; null when no lead is decided otherwise by the change.",
  },
  at: time,
  by: { type: "string", description: "The operator, by the name of the key." },
  via: wordOf(
    ["document", "resource", "rollback", "operation"],
    "A whole document, one part of it, an earlier document brought back, or something beside the document.",
  ),
  restored_revision: {
    type: ["integer", "null"],
    description: "Of a rollback, what it brought back.",
  },
  changes: listOf(RECORDED_CHANGE),
};

const HISTORY_ENTRY = named("HistoryEntry", objectOf({ id: text, ...ENTRY }));

const REVISION = named(
  "Revision",
  objectOf({
    ...ENTRY,
    configuration_revision: {
      type: "integer",
      description: "Of the configuration then in force: keys and entries count too.",
    },
    document: { ...CONFIGURATION, description: "The configuration then in force." },
  }),
);

/** What came or went is in the documents before and after it; listed with all its settings it would hide the rest. */
function summary(entry: HistoryEntry) {
  const changes = entry.changes.map((change) => changeAnswer(isWhole(change) ? bare(change) : change));
  return { id: changeIdOf(entry.id), ...answerOf(entry), changes };
}

function isWhole({ action }: RecordedChange): boolean {
  return ["created", "restored", "archived", "deleted"].includes(action);
}

function bare(change: RecordedChange): RecordedChange {
  return { ...change, differences: [] };
}

function answerOf({ revision, at, by, way, restored }: Omit<HistoryEntry, "id" | "changes">) {
  return { revision, at: at.toISOString(), by, via: way, restored_revision: restored };
}

/** What a revision changed and what was in force by it, as it is shown; undefined when there was no configuration then. */
async function readRevisionNumber(db: Queryable, written: string) {
  const revision = /^[1-9]\d{0,8}$/.test(written) ? Number(written) : 0;
  const past = await readPastConfiguration(db, revision);
  if (past === undefined) return undefined;
  const entry = (await readHistory(db, revision)) ?? (await beforeHistory(db, past, revision));
  return {
    ...answerOf({ ...entry, revision }),
    changes: entry.changes.map(changeAnswer),
    configuration_revision: past.revision,
    document: shownDocument(past.document),
  };
}

/** What an earlier release put in force, or another change that it counted, has no row: its documents tell what it changed. */
async function beforeHistory(
  db: Queryable,
  past: PastConfiguration,
  revision: number,
): Promise<Omit<HistoryEntry, "id">> {
  const { at, by, before, document } = past;
  const changes =
    past.revision === revision ? planChange(before, document, await readOnRecord(db, before, document)) : [];
  return {
    revision,
    at,
    by,
    way: "document",
    restored: null,
    changes: recordedChanges(changes, before, document),
  };
}
