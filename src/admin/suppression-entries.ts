import { Elysia } from "elysia";
import { mediaTypeOf } from "#http/body.ts";
import { invalid } from "#http/field-errors.ts";
import { readObject } from "#http/json-body.ts";
import { readSettings } from "#http/query.ts";
import { errorReply, fieldsNotValid, jsonResponse, type ReplyFieldError, requestIdOf } from "#http/reply.ts";
import { personValueInQuery } from "#people/person-key.ts";
import type { SuppressionKind } from "#people/suppression-key.ts";
import { readEntry, readHeld, readPerson } from "#suppression/entry.ts";
import {
  addSuppressionKeys,
  beginGeneration,
  isSuppressed,
  type NewEntries,
  removeOlder,
  removeSuppressionKeys,
} from "#suppression/entry-records.ts";
import { RECIPES_EXPECTED, type Recipes, recipesNamed } from "#suppression/recipe.ts";
import { describedAs } from "./described.ts";
import type { AdminContext } from "./operator.ts";
import { recording } from "./recording.ts";
import { entriesChanged, importEntries, noSuchList } from "./suppression-import.ts";

const MOST_AT_ONCE = 10_000;

/** The longest that an import may be silent, in seconds: what waits to be written may be all that is left of it. */
const IMPORT_IDLE_SECONDS = 240;

/** Who is on a suppression list. Entries are in force for the very next lead. */
export function suppressionEntryRoutes(context: AdminContext) {
  return new Elysia({ prefix: "/api/v1/admin/suppression-lists/:list" })
    .post(
      "/entries",
      ({ request, params, server }) => {
        if (mediaTypeOf(request) !== "text/csv") return addEntries(request, params.list, context);
        server?.timeout(request, IMPORT_IDLE_SECONDS);
        return importEntries(request, params.list, context);
      },
      {
        parse: "none",
        ...describedAs("addSuppressionEntries", "Put people on a suppression list", "operate"),
      },
    )
    .delete("/entries", ({ request, params }) => removeEntries(request, params.list, context), {
      parse: "none",
      ...describedAs("removeSuppressionEntry", "Take a person off a suppression list", "operate"),
    })
    .get(
      "/check",
      ({ request, params }) => check(request, params.list, context),
      describedAs("checkSuppression", "Whether a person is on a suppression list", "read"),
    );
}

async function addEntries(request: Request, listId: string, context: AdminContext): Promise<Response> {
  const requestId = requestIdOf(request);
  const query = readSettings(request.url, ["recipe"]);
  const recipes = query.parsed("recipe", recipesNamed, RECIPES_EXPECTED) ?? {};
  if (query.errors.length > 0) return invalid(query.errors, requestId);
  const body = await readObject(request);
  if (!body.ok) return body.reply;
  const read = keysOf(body.value, recipes, context.pepper);
  if ("errors" in read) return nothingChanged(read.errors, requestId);
  const noted = recording<number | string | null>(request, context, (count) =>
    typeof count === "number" ? entriesChanged(listId, "entries_added", { added: count }) : undefined,
  );
  const added = await addSuppressionKeys(noted, listId, read, context.now());
  if (added === null) return noSuchList(requestId);
  return jsonResponse(200, { data: { received: read.received, added } }, { "x-request-id": requestId });
}

async function removeEntries(request: Request, listId: string, context: AdminContext): Promise<Response> {
  const requestId = requestIdOf(request);
  const query = readSettings(request.url, ["all"]);
  const all = query.oneOf("all", ["true"]) === "true";
  if (query.errors.length > 0) return invalid(query.errors, requestId);
  return all ? await removeAll(request, listId, context) : await removePerson(request, listId, context);
}

/** Takes a person off, however the list holds them. */
async function removePerson(request: Request, listId: string, context: AdminContext): Promise<Response> {
  const requestId = requestIdOf(request);
  const body = await readObject(request);
  if (!body.ok) return body.reply;
  const entry = readHeld(body.value, context.pepper);
  if (!entry.ok) return nothingChanged(entry.errors, requestId);
  const noted = recording<number | null>(request, context, (count) =>
    count === null || count === 0 ? undefined : entriesChanged(listId, "entries_removed", { removed: count }),
  );
  const removed = await removeSuppressionKeys(noted, listId, entry.keys);
  if (removed === null) return noSuchList(requestId);
  if (removed === 0) return errorReply("not_found", "This entry is not on the list.", requestId);
  return new Response(null, { status: 204, headers: { "x-request-id": requestId } });
}

/** Empties a list, as replacing it by nothing would. */
async function removeAll(request: Request, listId: string, context: AdminContext): Promise<Response> {
  const { database } = context;
  const requestId = requestIdOf(request);
  const generation = await beginGeneration(database, listId);
  if (generation === null) return noSuchList(requestId);
  const removed = await removeOlder(database, listId, generation);
  const noted = recording(request, context, () => entriesChanged(listId, "entries_removed", { removed }));
  await noted.write(async () => undefined);
  return jsonResponse(200, { data: { removed } }, { "x-request-id": requestId });
}

/** Whether a lead with this phone or e-mail would be found on the list, whichever way the list holds it. */
async function check(request: Request, listId: string, context: AdminContext): Promise<Response> {
  const requestId = requestIdOf(request);
  const { searchParams } = new URL(request.url);
  const asked = [...searchParams].map(([name, value]) => [name, personValueInQuery(name, value)]);
  const read = readPerson(Object.fromEntries(asked), context.pepper);
  if (!read.ok) return invalid(read.errors, requestId);
  const suppressed = await isSuppressed(context.database, listId, read.keys);
  if (suppressed === null) return noSuchList(requestId);
  return jsonResponse(200, { data: { suppressed } }, { "x-request-id": requestId });
}

function keysOf(
  body: Readonly<Record<string, unknown>>,
  recipes: Recipes,
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
    const entry = readEntry(each, pepper, recipes);
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

function nothingChanged(errors: readonly ReplyFieldError[], requestId: string): Response {
  const message = `${fieldsNotValid(errors.length)}; nothing was changed`;
  return errorReply("validation_failed", message, requestId, { field_errors: errors });
}
