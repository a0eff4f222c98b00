import { Elysia } from "elysia";
import { importProblem } from "#access/supplier-key.ts";
import {
  createSupplierKey,
  type ListedSupplierKey,
  listSupplierKeys,
  type NewKey,
  revokeSupplierKey,
  rotateSupplierKey,
} from "#access/supplier-key-records.ts";
import { operation } from "#configuration/history.ts";
import { isStorable } from "#fields/reader.ts";
import { invalid, unknownNames } from "#http/field-errors.ts";
import { readObject, readOptionalObject } from "#http/json-body.ts";
import { errorReply, jsonResponse, type ReplyFieldError, requestIdOf } from "#http/reply.ts";
import { describedAs } from "./described.ts";
import { expiryFrom, keyDatesAnswer } from "./key-dates.ts";
import type { AdminContext } from "./operator.ts";
import { overlapFrom } from "./overlap.ts";
import { recording } from "./recording.ts";

/** A supplier's keys: made or imported, listed, rotated, revoked. */
export function supplierKeyRoutes(context: AdminContext) {
  return new Elysia({ prefix: "/api/v1/admin/suppliers/:supplier/keys" })
    .post("", ({ request, params }) => create(request, params.supplier, context), {
      parse: "none",
      ...describedAs("createSupplierKey", "Make or import a key", "admin"),
    })
    .get(
      "",
      ({ request, params }) => list(request, params.supplier, context),
      describedAs("listSupplierKeys", "The keys of a supplier", "read"),
    )
    .post("/:key/rotate", ({ request, params }) => rotate(request, params.supplier, params.key, context), {
      parse: "none",
      ...describedAs("rotateSupplierKey", "Replace a key by a new one", "admin"),
    })
    .delete(
      "/:key",
      ({ request, params }) => revoke(request, params.supplier, params.key, context),
      describedAs("revokeSupplierKey", "Revoke a key", "admin"),
    );
}

async function create(request: Request, supplierId: string, context: AdminContext): Promise<Response> {
  const requestId = requestIdOf(request);
  const body = await readObject(request);
  if (!body.ok) return body.reply;
  const at = context.now();
  const wanted = newKeyFrom(body.value, at);
  if ("errors" in wanted) return invalid(wanted.errors, requestId);
  const noted = recording<Awaited<ReturnType<typeof createSupplierKey>>>(request, context, (made) => {
    if (typeof made === "string") return undefined;
    const { name, expiresAt } = wanted.key;
    const to = { prefix: made.prefix, name, expires_at: expiresAt?.toISOString() ?? null };
    return operation({ kind: "supplier", id: supplierId }, "key_created", { path: `keys[${made.id}]`, to });
  });
  const created = await createSupplierKey(noted, supplierId, wanted.key, at);
  if (created === "no_such_supplier") return noSuchSupplier(requestId);
  if (created === "taken")
    return errorReply("conflict", "This secret is a supplier's key already.", requestId);
  const { id, key, prefix } = created;
  return jsonResponse(201, { data: { id, key, prefix } }, { "x-request-id": requestId });
}

async function list(
  request: Request,
  supplierId: string,
  { database, now, lastUse }: AdminContext,
): Promise<Response> {
  const requestId = requestIdOf(request);
  const keys = await listSupplierKeys(database, supplierId);
  if (keys === null) return noSuchSupplier(requestId);
  const at = now();
  return jsonResponse(
    200,
    { data: keys.map((key) => keyAnswer(key, lastUse(key.id), at)), next_cursor: null },
    { "x-request-id": requestId },
  );
}

/** Makes a key beside which the one that it replaces is good for a while. It is shown this once. */
async function rotate(
  request: Request,
  supplierId: string,
  keyId: string,
  context: AdminContext,
): Promise<Response> {
  const { now, keysChanged } = context;
  const requestId = requestIdOf(request);
  const body = await readOptionalObject(request);
  if (!body.ok) return body.reply;
  const read = overlapFrom(body.value);
  if ("errors" in read) return invalid(read.errors, requestId);
  const noted = recording<Awaited<ReturnType<typeof rotateSupplierKey>>>(request, context, (made) => {
    if (typeof made === "string") return undefined;
    return operation(
      { kind: "supplier", id: supplierId },
      "key_rotated",
      { path: `keys[${keyId}].expires_at`, to: made.replacedUntil.toISOString() },
      { path: `keys[${made.id}]`, to: { prefix: made.prefix } },
    );
  });
  const rotated = await rotateSupplierKey(noted, { supplierId, keyId }, read.overlapSeconds, now());
  if (rotated === "no_such_key") return noSuchKey(requestId);
  if (rotated === "not_live") {
    return errorReply("conflict", "This key has ended already; make a new one instead.", requestId);
  }
  keysChanged();
  const { id, key, prefix, replacedUntil } = rotated;
  const data = { id, key, prefix, replaced: { id: keyId, expires_at: replacedUntil.toISOString() } };
  return jsonResponse(201, { data }, { "x-request-id": requestId });
}

async function revoke(
  request: Request,
  supplierId: string,
  keyId: string,
  context: AdminContext,
): Promise<Response> {
  const { now, keysChanged } = context;
  const requestId = requestIdOf(request);
  const at = now();
  const noted = recording<boolean>(request, context, (isKnown) => {
    if (!isKnown) return undefined;
    const difference = { path: `keys[${keyId}].revoked_at`, to: at.toISOString() };
    return operation({ kind: "supplier", id: supplierId }, "key_revoked", difference);
  });
  if (await revokeSupplierKey(noted, supplierId, keyId, at)) {
    keysChanged();
    return new Response(null, { status: 204, headers: { "x-request-id": requestId } });
  }
  return noSuchKey(requestId);
}

function newKeyFrom(
  body: Readonly<Record<string, unknown>>,
  now: Date,
): { key: NewKey } | { errors: ReplyFieldError[] } {
  const { name = null, expires_at: expires = null, secret = null, ...others } = body;
  const errors = unknownNames(others, ["name", "expires_at", "secret"]);
  if (
    name !== null &&
    (typeof name !== "string" || name.length === 0 || name.length > 200 || !isStorable(name))
  ) {
    errors.push({ field: "name", code: "invalid_format", message: "must be a text of 1 to 200 characters" });
  }
  const expiresAt = expiryFrom(expires, now, errors);
  const flaw = secret === null ? undefined : importProblem(secret);
  if (flaw !== undefined) errors.push({ field: "secret", code: "invalid_format", message: flaw });
  if (errors.length > 0) return { errors };
  return { key: { name: name as string | null, expiresAt, secret: secret as string | null } };
}

function keyAnswer(key: ListedSupplierKey, lastUse: Date | undefined, now: Date) {
  const { id, prefix, name } = key;
  return { id, prefix, name, ...keyDatesAnswer(key, lastUse, now) };
}

function noSuchSupplier(requestId: string): Response {
  return errorReply("not_found", "There is no such supplier.", requestId);
}

function noSuchKey(requestId: string): Response {
  return errorReply("not_found", "This supplier has no such key.", requestId);
}
