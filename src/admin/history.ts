import { Elysia } from "elysia";
import { readOnRecord } from "#configuration/configuration-records.ts";
import { type HistoryEntry, type RecordedChange, recordedChanges } from "#configuration/history.ts";
import {
  type HistoryFilter,
  listHistory,
  type PastConfiguration,
  readHistory,
  readPastConfiguration,
} from "#configuration/history-records.ts";
import { planChange } from "#configuration/plan.ts";
import type { Queryable } from "#database/database.ts";
import { type Listing, listReply } from "#http/listing.ts";
import { errorReply, jsonResponse, requestIdOf } from "#http/reply.ts";
import { changeIdOf, uuidOfChange } from "#text/ids.ts";
import { changeAnswer } from "./config.ts";
import { describedAs } from "./described.ts";
import type { AdminContext } from "./operator.ts";

/** Who changed what and when: configuration, keys, secrets, money, suppression lists. */
export function historyRoutes(context: AdminContext) {
  return new Elysia({ prefix: "/api/v1/admin/history" })
    .get(
      "",
      ({ request }) => listReply(request, HISTORY, summary, context.database),
      describedAs("listHistory", "What was changed, newest first", "read"),
    )
    .get(
      "/:revision",
      ({ request, params }) => show(request, params.revision, context),
      describedAs(
        "getRevision",
        "One revision: what it changed, and the configuration then in force",
        "read",
      ),
    );
}

/** By which a list is narrowed to changes of one part, and the kind of that part. */
const ABOUT = {
  campaign: "campaign",
  supplier: "supplier",
  buyer: "buyer",
  list: "suppression_list",
  webhook: "webhook",
  operator_key: "operator_key",
} as const satisfies Record<string, RecordedChange["kind"]>;

const HISTORY: Listing<HistoryFilter, HistoryEntry> = {
  settings: [...Object.keys(ABOUT), "since", "until"],
  filterFrom: (query) => ({
    about: Object.entries(ABOUT).flatMap(([setting, kind]) => {
      const id = query.text(setting);
      return id === null ? [] : [`${kind}:${id}`];
    }),
    since: query.instant("since"),
    until: query.instant("until"),
  }),
  read: listHistory,
  idOf: changeIdOf,
  uuidOf: uuidOfChange,
};

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

async function show(request: Request, text: string, { database }: AdminContext): Promise<Response> {
  const requestId = requestIdOf(request);
  const revision = /^[1-9]\d{0,8}$/.test(text) ? Number(text) : 0;
  const found = await database.read(async (db) => {
    const past = await readPastConfiguration(db, revision);
    return (
      past && { past, entry: (await readHistory(db, revision)) ?? (await beforeHistory(db, past, revision)) }
    );
  });
  if (found === undefined) {
    return errorReply("not_found", "There was no configuration at this revision.", requestId);
  }
  const { past, entry } = found;
  const changes = entry.changes.map(changeAnswer);
  const data = {
    ...answerOf({ ...entry, revision }),
    changes,
    configuration_revision: past.revision,
    document: past.document,
  };
  return jsonResponse(200, { data }, { "x-request-id": requestId });
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
