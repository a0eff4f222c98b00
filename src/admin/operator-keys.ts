import { Elysia } from "elysia";
import {
  type CreatedOperatorKey,
  createOperatorKey,
  type ListedOperatorKey,
  listOperatorKeys,
  type NewOperatorKey,
  revokeOperatorKey,
} from "#access/operator-key-records.ts";
import { isRole, ROLES } from "#access/role.ts";
import { operation } from "#configuration/history.ts";
import { isStorable } from "#fields/reader.ts";
import { invalid, unknownNames } from "#http/field-errors.ts";
import { readObject } from "#http/json-body.ts";
import { errorReply, jsonResponse, type ReplyFieldError, requestIdOf } from "#http/reply.ts";
import { describedAs } from "./described.ts";
import { expiryFrom, keyDatesAnswer } from "./key-dates.ts";
import type { AdminContext } from "./operator.ts";
import { recording } from "./recording.ts";

/** The keys of operators, each with a role: made, listed, revoked. The key of the settings is none of them. */
export function operatorKeyRoutes(context: AdminContext) {
  return new Elysia({ prefix: "/api/v1/admin/operator-keys" })
    .post("", ({ request }) => create(request, context), {
      parse: "none",
      ...describedAs("createOperatorKey", "Make an operator's key", "admin"),
    })
    .get(
      "",
      ({ request }) => list(request, context),
      describedAs("listOperatorKeys", "The keys of operators", "admin"),
    )
    .delete(
      "/:key",
      ({ request, params }) => revoke(request, params.key, context),
      describedAs("revokeOperatorKey", "Revoke an operator's key", "admin"),
    );
}

async function create(request: Request, context: AdminContext): Promise<Response> {
  const requestId = requestIdOf(request);
  const body = await readObject(request);
  if (!body.ok) return body.reply;
  const at = context.now();
  const wanted = newKeyFrom(body.value, at);
  if ("errors" in wanted) return invalid(wanted.errors, requestId);
  const noted = recording<CreatedOperatorKey>(request, context, (made) => {
    const { name, role, expiresAt } = wanted.key;
    const settings = { name, role, prefix: made.prefix, expires_at: expiresAt?.toISOString() ?? null };
    const differences = Object.entries(settings).map(([path, to]) => ({ path, to }));
    return operation({ kind: "operator_key", id: made.id }, "key_created", ...differences);
  });
  const { id, key, prefix } = await createOperatorKey(noted, wanted.key, at);
  return jsonResponse(201, { data: { id, key, prefix } }, { "x-request-id": requestId });
}

async function list(request: Request, { database, now, lastUse }: AdminContext): Promise<Response> {
  const keys = await listOperatorKeys(database);
  const at = now();
  const data = keys.map((key) => keyAnswer(key, lastUse(key.id), at));
  return jsonResponse(200, { data, next_cursor: null }, { "x-request-id": requestIdOf(request) });
}

async function revoke(request: Request, keyId: string, context: AdminContext): Promise<Response> {
  const requestId = requestIdOf(request);
  const at = context.now();
  const noted = recording<boolean>(request, context, (isKnown) => {
    if (!isKnown) return undefined;
    const difference = { path: "revoked_at", to: at.toISOString() };
    return operation({ kind: "operator_key", id: keyId }, "key_revoked", difference);
  });
  if (await revokeOperatorKey(noted, keyId, at)) {
    return new Response(null, { status: 204, headers: { "x-request-id": requestId } });
  }
  return errorReply("not_found", "There is no such key.", requestId);
}

function newKeyFrom(
  body: Readonly<Record<string, unknown>>,
  now: Date,
): { key: NewOperatorKey } | { errors: ReplyFieldError[] } {
  const { name, role, expires_at: expires = null, ...others } = body;
  const errors = unknownNames(others, ["name", "role", "expires_at"]);
  const isName = typeof name === "string" && name.length > 0 && name.length <= 200 && isStorable(name);
  if (!isName) {
    const code = name === undefined ? "required" : "invalid_format";
    errors.push({ field: "name", code, message: "must be a text of 1 to 200 characters" });
  }
  if (!isRole(role)) {
    const code = role === undefined ? "required" : "not_allowed";
    errors.push({ field: "role", code, message: `must be one of ${ROLES.join(", ")}` });
  }
  const expiresAt = expiryFrom(expires, now, errors);
  return errors.length === 0 && isName && isRole(role) ? { key: { name, role, expiresAt } } : { errors };
}

function keyAnswer(key: ListedOperatorKey, lastUse: Date | undefined, now: Date) {
  const { id, prefix, name, role } = key;
  return { id, prefix, name, role, ...keyDatesAnswer(key, lastUse, now) };
}
