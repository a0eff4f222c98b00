import type { AdminParts } from "#admin/parts.ts";
import { unknownParties } from "#admin/unknown-parties.ts";
import { readAccount } from "#campaigns/account-records.ts";
import type { Queryable } from "#database/database.ts";
import { invalid } from "#http/field-errors.ts";
import { type Listing, listSettings, readPage } from "#http/listing.ts";
import { anything, moment, oneWordOf } from "#http/query.ts";
import { type Route, route } from "#http/route.ts";
import {
  dataOf,
  flag,
  listOf,
  money,
  named,
  objectOf,
  pageOf,
  text,
  textOrNull,
  time,
  wordOf,
} from "#http/schema.ts";
import { exampleCall, reply } from "#http/words.ts";
import { homeOf, readMovedCurrencies } from "#ledger/balance-records.ts";
import { findLedgerFlaws } from "#ledger/check-records.ts";
import { EVENT_KINDS, entriesOfEvent } from "#ledger/event.ts";
import { type EventPlace, type RecordedEvent, readEvents } from "#ledger/event-records.ts";
import { inCurrency } from "#money/amount.ts";
import { eventIdOf, leadIdOf, saleIdOf } from "#text/ids.ts";

const SETTINGS = {
  buyer: anything("Only entries of this buyer"),
  supplier: anything("Only entries of this supplier"),
  campaign: anything("Only events of this campaign"),
  kind: oneWordOf(EVENT_KINDS, "Only events of this kind"),
  since: moment("Happened at or after"),
  until: moment("Happened before"),
};

/** An event, known in a list by its place in the order of time. */
interface ListedEvent {
  id: string;
  event: RecordedEvent;
}

/** Every event of money, entry by entry. */
export function ledgerRoute({ database, operators }: AdminParts): Route {
  const listing: Listing<typeof SETTINGS, ListedEvent> = {
    settings: SETTINGS,
    async read(asked, before, limit) {
      const place = before === null ? null : (JSON.parse(before) as EventPlace);
      const events = await database.read(async (db) =>
        readEvents(db, asked, await readHome(db, asked), place, limit),
      );
      return events.map((event) => ({ id: cursorOf(event), event }));
    },
    idOf: (cursor) => cursor,
    uuidOf: placeIn,
  };
  return route({
    method: "get",
    path: "/api/v1/admin/ledger",
    who: operators.read,
    reads: listSettings(listing),
    async answer({ context, caller }) {
      const read = await readPage(context, listing, caller);
      if (!read.ok) return read.reply;
      const { entries, asked, nextCursor } = read.page;
      const unknown = entries.length === 0 ? await unknownParties(asked, database) : [];
      if (unknown.length > 0) return invalid(context, unknown);
      const data = entries.flatMap(({ event }) => entriesShown(event, asked));
      return context.json(200, { data, next_cursor: nextCursor });
    },
    words: {
      operation: "listLedger",
      section: "Operators",
      summary: "Every event of money, newest first",
      description: `What happened to money, newest first. An event has an entry for each party whose balance it moves, and one for the
operator: they sum to zero. \`amount\` is what it adds to the balance: a sale takes from its buyer's and adds to its supplier's. With
\`buyer\` or \`supplier\` there are the entries of that party alone, which sum to its balance. \`limit\` counts events.`,
      calls: { none: exampleCall("Nothing yet", undefined, 200, { data: [], next_cursor: null }) },
      replies: { 200: reply("A page of them.", pageOf(LEDGER_ENTRY)) },
    },
  });
}

/** In which the one party that is asked for has what was booked before it had a currency; null: several are asked for. */
async function readHome(
  db: Queryable,
  { buyer, supplier }: { buyer: string | null; supplier: string | null },
): Promise<string | null> {
  const id = buyer ?? supplier;
  if (id === null) return null;
  const party = buyer === null ? "supplier" : "buyer";
  const [account, moved] = await Promise.all([
    readAccount(db, party, id),
    readMovedCurrencies(db, party, id),
  ]);
  return homeOf([...(account?.currencies ?? []), ...moved]);
}

/** Whether the books are in order, for leadgate doctor. */
export function ledgerCheckRoute({ database, operators, now }: AdminParts): Route {
  return route({
    method: "get",
    path: "/api/v1/admin/ledger/check",
    who: operators.read,
    async answer({ context }) {
      context.allowSilence(LONGEST_SECONDS);
      const flaws = await findLedgerFlaws(database, now());
      return context.json(200, { data: { in_order: flaws.length === 0, flaws } });
    },
    words: {
      operation: "checkLedger",
      section: "Operators",
      summary: "Whether every balance equals the ledger, for leadgate doctor",
      description:
        "Compares every balance, and the hourly figures, with the ledger, and says where they differ.",
      calls: { fine: exampleCall("All is well", undefined, 200, { data: { in_order: true, flaws: [] } }) },
      replies: { 200: reply("What was found.", dataOf(objectOf({ in_order: flag, flaws: listOf(text) }))) },
    },
  });
}

const LONGEST_SECONDS = 240;

function cursorOf({ at, id }: EventPlace): string {
  return Buffer.from(JSON.stringify({ at, id })).toString("base64url");
}

/** The place that a cursor stands for, as JSON; undefined for a text that is none. */
function placeIn(cursor: string): string | undefined {
  const text = Buffer.from(cursor, "base64url").toString();
  return PLACE.test(text) ? text : undefined;
}

const PLACE =
  /^\{"at":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z","id":"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"\}$/;

function entriesShown(
  event: RecordedEvent,
  { buyer, supplier }: { buyer: string | null; supplier: string | null },
) {
  const isAsked = { buyer: buyer !== null, supplier: supplier !== null, operator: false };
  const all = !isAsked.buyer && !isAsked.supplier;
  const eventId = event.kind === "sale" ? saleIdOf(event.id) : eventIdOf(event.id);
  return entriesOfEvent(event)
    .filter(({ party }) => all || isAsked[party])
    .map(({ party, amount }) => ({
      id: `${eventId}.${party}`,
      event_id: eventId,
      at: new Date(event.at).toISOString(),
      kind: event.kind,
      party,
      ...(party === "buyer" && { buyer_id: event.buyerId }),
      ...(party === "supplier" && { supplier_id: event.supplierId }),
      amount: inCurrency(amount, event.currency),
      currency: event.currency,
      ...present({
        campaign_id: event.campaignId,
        sale_id: event.saleId && saleIdOf(event.saleId),
        lead_id: event.leadId && leadIdOf(event.leadId),
        day: event.day,
        source: event.source,
        reference: event.reference,
        note: event.note,
        by: event.by,
      }),
    }));
}

function present(values: Record<string, string | null>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null)) as Record<
    string,
    string
  >;
}

const LEDGER_ENTRY = named(
  "LedgerEntry",
  objectOf(
    {
      id: text,
      event_id: text,
      at: time,
      kind: wordOf(EVENT_KINDS),
      party: wordOf(["buyer", "supplier", "operator"]),
      amount: money,
      currency: textOrNull,
    },
    {
      buyer_id: text,
      supplier_id: text,
      campaign_id: text,
      sale_id: text,
      lead_id: text,
      day: { type: "string", format: "date" },
      source: text,
      reference: text,
      note: text,
      by: text,
    },
  ),
);
