import { Elysia } from "elysia";
import type { SuppressionKind } from "#catalog/suppression.ts";
import { readEntry, readPerson } from "#catalog/suppression-entry.ts";
import {
  addSuppressionKeys,
  isSuppressed,
  type NewEntries,
  removeSuppressionKeys,
} from "#catalog/suppression-records.ts";
import { errorReply, fieldsNotValid, jsonResponse, type ReplyFieldError, requestIdOf } from "#reply.ts";
import { readObject } from "./body.ts";
import { describedAs } from "./described.ts";
import { type AdminContext, refusalOfStranger } from "./operator.ts";

const MOST_AT_ONCE = 10_000;

/** Who is on a suppression list. Entries are in force for the very next lead. */
export function suppressionEntryRoutes(context: AdminContext) {
  return new Elysia({ prefix: "/api/v1/admin/suppression-lists/:list" })
    .onBeforeHandle(({ request }) => refusalOfStranger(request, context))
    .post("/entries", ({ request, params }) => addEntries(request, params.list, context), {
      parse: "none",
      ...describedAs("addSuppressionEntries", "Put people on a suppression list"),
    })
    .delete("/entries", ({ request, params }) => removeEntry(request, params.list, context), {
      parse: "none",
      ...describedAs("removeSuppressionEntry", "Take a person off a suppression list"),
    })
    .get(
      "/check",
      ({ request, params }) => check(request, params.list, context),
      describedAs("checkSuppression", "Whether a person is on a suppression list"),
    );
}

async function addEntries(request: Request, listId: string, context: AdminContext): Promise<Response> {
  const requestId = requestIdOf(request);
  const body = await readObject(request);
  if (!body.ok) return body.reply;
  const read = keysOf(body.value, context.pepper);
  if ("errors" in read) return invalid(read.errors, requestId);
  const added = await addSuppressionKeys(context.database, listId, read, context.now());
  if (added === null) return noSuchList(requestId);
  return jsonResponse(200, { data: { received: read.received, added } }, { "x-request-id": requestId });
}

async function removeEntry(request: Request, listId: string, context: AdminContext): Promise<Response> {
  const requestId = requestIdOf(request);
  const body = await readObject(request);
  if (!body.ok) return body.reply;
  const entry = readEntry(body.value, context.pepper);
  if (!entry.ok) return invalid(entry.errors, requestId);
  const removed = await removeSuppressionKeys(context.database, listId, entry.keys);
  if (removed === null) return noSuchList(requestId);
  if (removed === 0) return errorReply("not_found", "This entry is not on the list.", requestId);
  return new Response(null, { status: 204, headers: { "x-request-id": requestId } });
}

/** Whether a lead with this phone or e-mail would be found on the list, whichever way the list holds it. */
async function check(request: Request, listId: string, context: AdminContext): Promise<Response> {
  const requestId = requestIdOf(request);
  const { searchParams } = new URL(request.url);
  const asked = [...searchParams].map(([name, value]) => [name, asSent(name, value)]);
  const read = readPerson(Object.fromEntries(asked), context.pepper);
  if (!read.ok) return invalid(read.errors, requestId);
  const suppressed = await isSuppressed(context.database, listId, read.keys);
  if (suppressed === null) return noSuchList(requestId);
  return jsonResponse(200, { data: { suppressed } }, { "x-request-id": requestId });
}

/** In a query an unescaped + is a space: `?phone=+15551234567` is meant as it reads. */
function asSent(name: string, value: string): string {
  return name === "phone" && value.startsWith(" ") ? `+${value.trim()}` : value;
}

function keysOf(
  body: Readonly<Record<string, unknown>>,
  pepper: Uint8Array,
): (NewEntries & { received: number }) | { errors: ReplyFieldError[] } {
  const { entries, ...others } = body;
  if (!Array.isArray(entries)) {
    return {
      errors: [
        {
          field: "entries",
          code: entries === undefined ? "required" : "invalid_type",
          message: "must be a list",
        },
      ],
    };
  }
  if (Object.keys(others).length > 0) {
    return {
      errors: [{ field: "", code: "unknown_field", message: "the body must have nothing but entries" }],
    };
  }
  if (entries.length > MOST_AT_ONCE) {
    return {
      errors: [{ field: "entries", code: "too_long", message: "must have at most 10,000 entries at once" }],
    };
  }
  const keys: string[] = [];
  const kinds = new Set<SuppressionKind>();
  const errors: ReplyFieldError[] = [];
  for (const [index, each] of entries.entries()) {
    const entry = readEntry(each, pepper);
    if (entry.ok) {
      keys.push(...entry.keys);
      for (const kind of entry.kinds) kinds.add(kind);
    } else errors.push(...entry.errors.map((error) => atEntry(index, error)));
  }
  return errors.length > 0 ? { errors } : { keys, kinds: [...kinds], received: entries.length };
}

function atEntry(index: number, { field, code, message }: ReplyFieldError): ReplyFieldError {
  return { field: `entries[${index}]${field === "" ? "" : `.${field}`}`, code, message };
}

function invalid(errors: readonly ReplyFieldError[], requestId: string): Response {
  const message = `${fieldsNotValid(errors.length)}; nothing was changed`;
  return errorReply("validation_failed", message, requestId, { field_errors: errors });
}

function noSuchList(requestId: string): Response {
  return errorReply("not_found", "There is no such suppression list.", requestId);
}
