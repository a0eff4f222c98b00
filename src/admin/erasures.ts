import { Elysia } from "elysia";
import { orderErasure, suppress } from "#erasure/forget.ts";
import { listOrders, type Order, readOrder } from "#erasure/order-records.ts";
import { invalid, unknownNames } from "#http/field-errors.ts";
import { readObject } from "#http/json-body.ts";
import { type Listing, listReply } from "#http/listing.ts";
import { errorReply, jsonResponse, type ReplyFieldError, requestIdOf } from "#http/reply.ts";
import { type SoughtPerson, seek } from "#people/person-key.ts";
import { erasureIdOf, uuidOfErasure } from "#text/ids.ts";
import type { Mapping } from "#text/problem.ts";
import { describedAs } from "./described.ts";
import { type AdminContext, callerOf } from "./operator.ts";
import { recording } from "./recording.ts";
import { entriesChanged, noSuchList } from "./suppression-import.ts";

/** Orders to forget a person, and how far they are. */
export function erasureRoutes(context: AdminContext) {
  return new Elysia({ prefix: "/api/v1/admin/erasures" })
    .post("", ({ request }) => order(request, context), {
      parse: "none",
      ...describedAs("forgetPerson", "Forget a person", "admin"),
    })
    .get(
      "",
      ({ request }) => listReply(request, ORDERS, shown, context.database),
      describedAs("listErasures", "The orders to forget people, newest first", "read"),
    )
    .get(
      "/:erasure",
      ({ request, params }) => show(request, params.erasure, context),
      describedAs("getErasure", "How far an order to forget a person is", "read"),
    );
}

async function order(request: Request, context: AdminContext): Promise<Response> {
  const requestId = requestIdOf(request);
  const body = await readObject(request);
  if (!body.ok) return body.reply;
  const wanted = wantedFrom(body.value, context.pepper);
  if ("errors" in wanted) return invalid(wanted.errors, requestId);
  const { sought, suppressOn } = wanted;
  if (suppressOn !== null && !(await suppressFirst(request, sought, suppressOn, context)))
    return noSuchList(requestId);
  const id = await orderErasure({ ...wanted, by: callerOf(request) }, context.database, context.now());
  context.wakeErasure();
  const ordered = await context.database.read((db) => readOrder(db, id));
  return jsonResponse(202, { data: ordered && shown(ordered) }, { "x-request-id": requestId });
}

/** False when there is no such list. */
async function suppressFirst(
  request: Request,
  sought: SoughtPerson,
  listId: string,
  context: AdminContext,
): Promise<boolean> {
  const database = recording<number | null>(request, context, (added) =>
    added === null || added === 0 ? undefined : entriesChanged(listId, "entries_added", { added }),
  );
  return (await suppress(sought, listId, { ...context, database }, context.now())) !== null;
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

const ORDERS: Listing<{ state: string | null }, Order> = {
  settings: ["state"],
  filterFrom: (query) => ({ state: query.oneOf("state", ["running", "done"]) }),
  read: listOrders,
  idOf: erasureIdOf,
  uuidOf: uuidOfErasure,
};

async function show(request: Request, id: string, { database }: AdminContext): Promise<Response> {
  const requestId = requestIdOf(request);
  const uuid = uuidOfErasure(id);
  const found = uuid === undefined ? undefined : await database.read((db) => readOrder(db, uuid));
  if (found === undefined) return errorReply("not_found", "There is no such erasure.", requestId);
  return jsonResponse(200, { data: shown(found) }, { "x-request-id": requestId });
}

/** Nothing in it says whom it was about. */
function shown(order: Order) {
  return {
    id: erasureIdOf(order.id),
    state: order.state,
    requested_at: new Date(order.requestedAt).toISOString(),
    requested_by: order.requestedBy,
    finished_at: order.finishedAt === null ? null : new Date(order.finishedAt).toISOString(),
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
