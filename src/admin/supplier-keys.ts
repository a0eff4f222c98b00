import { Elysia } from "elysia";
import {
  createSupplierKey,
  type ListedKey,
  listSupplierKeys,
  type NewKey,
  revokeSupplierKey,
} from "#catalog/key-records.ts";
import { importProblem } from "#catalog/supplier-key.ts";
import { isStorable } from "#fields/reader.ts";
import { errorReply, jsonResponse, type ReplyFieldError, requestIdOf } from "#reply.ts";
import { readObject } from "./body.ts";
import { describedAs } from "./described.ts";
import { invalid, unknownNames } from "./field-errors.ts";
import { instantFrom } from "./instant.ts";
import { type AdminContext, refusalOfStranger } from "./operator.ts";

/** A supplier's keys: made or imported, listed, revoked. */
export function supplierKeyRoutes(context: AdminContext) {
  return new Elysia({ prefix: "/api/v1/admin/suppliers/:supplier/keys" })
    .onBeforeHandle(({ request }) => refusalOfStranger(request, context))
    .post("", ({ request, params }) => create(request, params.supplier, context), {
      parse: "none",
      ...describedAs("createSupplierKey", "Make or import a key"),
    })
    .get(
      "",
      ({ request, params }) => list(request, params.supplier, context),
      describedAs("listSupplierKeys", "The keys of a supplier"),
    )
    .delete(
      "/:key",
      ({ request, params }) => revoke(request, params.supplier, params.key, context),
      describedAs("revokeSupplierKey", "Revoke a key"),
    );
}

async function create(
  request: Request,
  supplierId: string,
  { database, now }: AdminContext,
): Promise<Response> {
  const requestId = requestIdOf(request);
  const body = await readObject(request);
  if (!body.ok) return body.reply;
  const at = now();
  const wanted = newKeyFrom(body.value, at);
  if ("errors" in wanted) return invalid(wanted.errors, requestId);
  const created = await createSupplierKey(database, supplierId, wanted.key, at);
  if (created === "no_such_supplier") return noSuchSupplier(requestId);
  if (created === "taken")
    return errorReply("conflict", "This secret is a supplier's key already.", requestId);
  const { id, key, prefix } = created;
  return jsonResponse(201, { data: { id, key, prefix } }, { "x-request-id": requestId });
}

async function list(
  request: Request,
  supplierId: string,
  { database, now }: AdminContext,
): Promise<Response> {
  const requestId = requestIdOf(request);
  const keys = await listSupplierKeys(database, supplierId);
  if (keys === null) return noSuchSupplier(requestId);
  const at = now();
  return jsonResponse(
    200,
    { data: keys.map((key) => keyAnswer(key, at)), next_cursor: null },
    { "x-request-id": requestId },
  );
}

async function revoke(
  request: Request,
  supplierId: string,
  keyId: string,
  { database, now, keysChanged }: AdminContext,
): Promise<Response> {
  const requestId = requestIdOf(request);
  if (await revokeSupplierKey(database, supplierId, keyId, now())) {
    keysChanged();
    return new Response(null, { status: 204, headers: { "x-request-id": requestId } });
  }
  return errorReply("not_found", "This supplier has no such key.", requestId);
}

function newKeyFrom(
  body: Readonly<Record<string, unknown>>,
  now: Date,
): { key: NewKey } | { errors: ReplyFieldError[] } {
  const { name = null, expires_at: expires = null, secret = null, ...others } = body;
  const expiresAt = instantFrom(expires);
  const errors = unknownNames(others, ["name", "expires_at", "secret"]);
  if (
    name !== null &&
    (typeof name !== "string" || name.length === 0 || name.length > 200 || !isStorable(name))
  ) {
    errors.push({ field: "name", code: "invalid_format", message: "must be a text of 1 to 200 characters" });
  }
  if (expires !== null && (expiresAt === undefined || expiresAt <= now)) {
    const message = "must be a time to come such as 2030-01-31T00:00:00Z";
    errors.push({
      field: "expires_at",
      code: expiresAt === undefined ? "invalid_format" : "out_of_range",
      message,
    });
  }
  const flaw = secret === null ? undefined : importProblem(secret);
  if (flaw !== undefined) errors.push({ field: "secret", code: "invalid_format", message: flaw });
  if (errors.length > 0) return { errors };
  return {
    key: { name: name as string | null, expiresAt: expiresAt ?? null, secret: secret as string | null },
  };
}

function keyAnswer(key: ListedKey, now: Date) {
  return {
    id: key.id,
    prefix: key.prefix,
    name: key.name,
    status: statusOf(key, now),
    created_at: key.createdAt.toISOString(),
    expires_at: key.expiresAt?.toISOString() ?? null,
    revoked_at: key.revokedAt?.toISOString() ?? null,
  };
}

function statusOf(key: ListedKey, now: Date): "live" | "expired" | "revoked" {
  if (key.revokedAt !== null) return "revoked";
  return key.expiresAt !== null && key.expiresAt <= now ? "expired" : "live";
}

function noSuchSupplier(requestId: string): Response {
  return errorReply("not_found", "There is no such supplier.", requestId);
}
