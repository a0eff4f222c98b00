import { type AdminParts, authorOf } from "#admin/parts.ts";
import { NO_LIST } from "#admin/suppression-import.ts";
import { suppressPerson } from "#changes/suppression.ts";
import { orderErasure } from "#erasure/forget.ts";
import { listOrders, type Order, readOrder } from "#erasure/order-records.ts";
import { jsonAsItIs } from "#http/body-form.ts";
import { invalid, unknownNames } from "#http/field-errors.ts";
import type { Listing } from "#http/listing.ts";
import { oneWordOf } from "#http/query.ts";
import type { ReplyFieldError } from "#http/reply.ts";
import { listRoute, type Route, route, singleRoute } from "#http/route.ts";
import {
  count,
  dataOf,
  named,
  objectOf,
  pageOf,
  text,
  textOrNull,
  time,
  timeOrNull,
  wordOf,
} from "#http/schema.ts";
import { exampleCall, invalidCall, missingCall, notFound, pathParameter, reply } from "#http/words.ts";
import { type SoughtPerson, seek } from "#people/person-key.ts";
import { erasureIdOf, uuidOfErasure } from "#text/ids.ts";
import type { Mapping } from "#text/problem.ts";
import { isoOf } from "#time/iso.ts";

const PATH = "/api/v1/admin/erasures";
const NO_ERASURE = "There is no such erasure.";
const STATES = ["running", "done"] as const;

/** Orders to forget a person, and how far they are. */
export function erasureRoutes(parts: AdminParts): Route[] {
  return [orderErasureRoute(parts), listErasuresRoute(parts), showErasureRoute(parts)];
}

function orderErasureRoute(parts: AdminParts): Route {
  const { database, operators, pepper } = parts;
  return route({
    method: "post",
    path: PATH,
    who: operators.admin,
    body: jsonAsItIs(WANTED),
    async answer({ context, caller, body }) {
      const wanted = wantedFrom(body, pepper);
      if ("errors" in wanted) return invalid(context, wanted.errors);
      const { sought, suppressOn } = wanted;
      const author = authorOf(caller, parts);
      const isListed =
        suppressOn === null || (await suppressPerson(sought, suppressOn, parts, author)) !== null;
      if (!isListed) return context.refuse("not_found", NO_LIST);
      const id = await orderErasure({ ...wanted, by: author.by }, parts, author.now);
      const ordered = await database.read((db) => readOrder(db, id));
      // Not before: who forgets may be quicker than the reading, and the answer is how it was ordered.
      parts.wakeErasure();
      return context.json(202, { data: ordered && orderAnswer(ordered) });
    },
    words: {
      operation: "forgetPerson",
      section: "Operators",
      summary: "Forget a person",
      description: `Erases all that tells who a person is: whoever is found by the phone, and whoever by the e-mail,
in every campaign. Give both when you know both. What was sent in, what was sent on and answered, free text of reports
and the keyed hashes of duplicates go; what was decided, the source and all money stay. Deliveries that were not made
yet are cancelled. It goes on in the background, and over restarts: look until it is \`done\`. What buyers and webhooks
have received, and backups, still tell of the person.`,
      calls: {
        ordered: exampleCall(
          "A person, who is not to come again",
          { phone: "(512) 555-0199", email: "ada@example.com", suppress_on: "global-dnc" },
          202,
          { data: UNDER_WAY },
        ),
        nobody: invalidCall("Nobody", {}, ["phone", "required", "is required, or email"]),
      },
      replies: { 202: reply("It is under way.", dataOf(ERASURE)), 404: notFound("suppression list") },
    },
  });
}

function listErasuresRoute(parts: AdminParts): Route {
  return listRoute({
    path: PATH,
    who: parts.operators.read,
    listing: orderListing(parts),
    shown: orderAnswer,
    words: {
      operation: "listErasures",
      section: "Operators",
      summary: "The orders to forget people, newest first",
      description: "The orders to forget people, newest first. Nothing in them says whom they were about.",
      calls: { none: exampleCall("None yet", undefined, 200, { data: [], next_cursor: null }) },
      replies: { 200: reply("A page of them.", pageOf(ERASURE)) },
    },
  });
}

function showErasureRoute({ database, operators }: AdminParts): Route {
  return singleRoute({
    path: `${PATH}/:erasure`,
    who: operators.read,
    missing: NO_ERASURE,
    async read({ erasure }) {
      const uuid = uuidOfErasure(erasure);
      const found = uuid === undefined ? undefined : await database.read((db) => readOrder(db, uuid));
      return found && orderAnswer(found);
    },
    words: {
      operation: "getErasure",
      section: "Operators",
      summary: "How far an order to forget a person is",
      description: "How far an order is, and what was erased so far, in rows.",
      params: { erasure: pathParameter("As the answer to the order said", UNDER_WAY.id) },
      calls: { no_such_erasure: missingCall("There is none with this id", NO_ERASURE) },
      replies: { 200: reply("The order.", dataOf(ERASURE)), 404: notFound("erasure") },
    },
  });
}

const UNDER_WAY = {
  id: "erasure_01k6a1npq7f9gtqf2hs6zkdsn4",
  state: "running",
  requested_at: "2026-01-13T17:00:00.000Z",
  requested_by: "LEADGATE_ADMIN_KEY",
  finished_at: null,
  suppress_on: "global-dnc",
  erased: { leads: 0, deliveries: 0, delivery_attempts: 0, lead_updates: 0, duplicate_keys: 0 },
  cancelled_deliveries: 0,
};

const WANTED = objectOf(
  {},
  {
    phone: { type: "string", description: "As a lead may say it" },
    email: { type: "string", format: "email" },
    country: {
      type: "string",
      pattern: "^[A-Z]{2}$",
      default: "US",
      description: "By which a phone without a country code is understood",
    },
    suppress_on: { ...textOrNull, description: "A suppression list that the person is put on first" },
  },
);

const ERASURE = named(
  "Erasure",
  objectOf({
    id: text,
    state: wordOf(STATES),
    requested_at: time,
    requested_by: { type: "string", description: "The operator, by the name of the key." },
    finished_at: timeOrNull,
    suppress_on: textOrNull,
    erased: {
      ...objectOf({
        leads: count,
        deliveries: count,
        delivery_attempts: count,
        lead_updates: count,
        duplicate_keys: count,
      }),
      description: "Rows from which something was taken, by table; of duplicate keys, those that are gone.",
    },
    cancelled_deliveries: { ...count, description: "Those that had not been made yet." },
  }),
);

const SETTINGS = { state: oneWordOf(STATES, "How far they are") };

function orderListing({ database }: AdminParts): Listing<typeof SETTINGS, Order> {
  return {
    settings: SETTINGS,
    read: (asked, before, limit) => database.read((db) => listOrders(db, asked, before, limit)),
    idOf: erasureIdOf,
    uuidOf: uuidOfErasure,
  };
}

const NAMES = ["phone", "email", "country", "suppress_on"];

function wantedFrom(
  { phone, email, country, suppress_on: list, ...others }: Mapping,
  pepper: Uint8Array,
): { sought: SoughtPerson; suppressOn: string | null } | { errors: readonly ReplyFieldError[] } {
  const errors = unknownNames(others, NAMES);
  const suppressOn = list ?? null;
  if (suppressOn !== null && (typeof suppressOn !== "string" || suppressOn === "")) {
    errors.push({ field: "suppress_on", code: "invalid_type", message: "must be a suppression list's id" });
  }
  const person = seek({ phone, email, country }, pepper);
  if (!person.ok) return { errors: [...errors, ...person.errors] };
  const { sought } = person;
  if (sought.phone === null && sought.email === null) {
    errors.push({ field: "phone", code: "required", message: "is required, or email" });
  }
  if (errors.length > 0) return { errors };
  return { sought, suppressOn: suppressOn as string | null };
}

/** Nothing in it says whom it was about. */
function orderAnswer(order: Order) {
  return {
    id: erasureIdOf(order.id),
    state: order.state,
    requested_at: new Date(order.requestedAt).toISOString(),
    requested_by: order.requestedBy,
    finished_at: isoOf(order.finishedAt),
    suppress_on: order.suppressOn,
    erased: {
      leads: order.leads,
      deliveries: order.deliveries,
      delivery_attempts: order.attempts,
      lead_updates: order.updates,
      duplicate_keys: order.duplicateKeys,
    },
    cancelled_deliveries: order.cancelled,
  };
}
