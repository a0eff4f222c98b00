import { Type } from "@sinclair/typebox";
import { importProblem } from "#access/party-key.ts";
import { type ListedSupplierKey, listSupplierKeys } from "#access/party-key-records.ts";
import { endSupplierKey, giveSupplierKey, replaceSupplierKey } from "#changes/keys.ts";
import { json } from "#http/body-form.ts";
import { type Route, route } from "#http/route.ts";
import { dataOf, named, objectOf, pageOf, text, textOrNull, time } from "#http/schema.ts";
import {
  exampleCall,
  invalidCall,
  missingCall,
  notFound,
  pathParameter,
  refusalWords,
  reply,
} from "#http/words.ts";
import { CREATED_KEY, EXPIRES_AT, expiryErrors, expiryOf, KEY_DATES, keyDatesAnswer } from "./key-dates.ts";
import { OVERLAP } from "./overlap.ts";
import { type AdminParts, authorOf } from "./parts.ts";

const PATH = "/api/v1/admin/suppliers/:supplier/keys";
const SUPPLIER = pathParameter("The supplier's id", "acme-media");
const KEY = "key_01k6a1npq7f9gtqf2hs6zkdsn4";
const NO_SUPPLIER = "There is no such supplier.";
const NO_KEY = "This supplier has no such key.";

const NEW_KEY = Type.Object({
  name: Type.Optional(
    Type.Union([Type.String({ minLength: 1, maxLength: 200, format: "leadgate:storable" }), Type.Null()], {
      mustBe: "a text of 1 to 200 characters",
    }),
  ),
  expires_at: EXPIRES_AT,
  secret: Type.Optional(Type.Unsafe<string | null>(Type.Any(textOrNull))),
});

/** A supplier's keys: made or imported, listed, rotated, revoked. */
export function supplierKeyRoutes(parts: AdminParts): Route[] {
  return [createRoute(parts), listKeysRoute(parts), rotateRoute(parts), revokeRoute(parts)];
}

function createRoute({ database, operators, now }: AdminParts): Route {
  return route({
    method: "post",
    path: PATH,
    who: operators.admin,
    body: json(NEW_KEY, (body) => {
      const flaw = (body.secret ?? null) === null ? undefined : importProblem(body.secret);
      return [
        ...expiryErrors(body, now()),
        ...(flaw === undefined ? [] : [{ field: "secret", code: "invalid_format" as const, message: flaw }]),
      ];
    }),
    async answer({ context, caller, params, body: { name = null, expires_at, secret = null } }) {
      const wanted = { name, expiresAt: expiryOf(expires_at), secret };
      const made = await giveSupplierKey(params.supplier, wanted, database, authorOf(caller, { now }));
      if (made === "no_such_supplier") return context.refuse("not_found", NO_SUPPLIER);
      if (made === "taken") return context.refuse("conflict", "This secret is a supplier's key already.");
      const { id, key, prefix } = made;
      return context.json(201, { data: { id, key, prefix } });
    },
    words: {
      operation: "createSupplierKey",
      section: "Operators",
      summary: "Make or import a key",
      description: `Gives a supplier one more key; those it has stay good, so that keys can be rotated with an overlap. A key from
another system is imported as \`secret\`, 24 to 256 printable ASCII characters.`,
      params: { supplier: SUPPLIER },
      calls: {
        made: exampleCall("A new key", { name: "second server" }, 201, {
          data: {
            id: KEY,
            key: "lg_sup_0123456789abcdefghijklmnopqrstuv1Xw2Yz",
            prefix: "lg_sup_0123",
          },
        }),
        not_valid: invalidCall("A key that is too short to be imported", { secret: "hunter2" }, [
          "secret",
          "invalid_format",
          "must have at least 24 characters",
        ]),
      },
      replies: {
        201: reply("The key, shown this once.", dataOf(CREATED_KEY)),
        404: notFound("supplier"),
        409: refusalWords("The secret is a supplier's key already."),
      },
    },
  });
}

function listKeysRoute({ database, operators, now, lastUse }: AdminParts): Route {
  return route({
    method: "get",
    path: PATH,
    who: operators.read,
    async answer({ context, params }) {
      const keys = await listSupplierKeys(database, params.supplier);
      if (keys === null) return context.refuse("not_found", NO_SUPPLIER);
      const at = now();
      const data = keys.map((key) => keyAnswer(key, lastUse(key.id), at));
      return context.json(200, { data, next_cursor: null });
    },
    words: {
      operation: "listSupplierKeys",
      section: "Operators",
      summary: "The keys of a supplier",
      description: "All keys that a supplier has or had, without the keys themselves.",
      params: { supplier: SUPPLIER },
      replies: { 200: reply("The keys.", pageOf(SUPPLIER_KEY)), 404: notFound("supplier") },
    },
  });
}

/** Makes a key beside which the one that it replaces is good for a while. It is shown this once. */
function rotateRoute({ database, operators, now, keysChanged }: AdminParts): Route {
  return route({
    method: "post",
    path: `${PATH}/:key/rotate`,
    who: operators.admin,
    body: OVERLAP,
    async answer({ context, caller, params: { supplier, key: keyId }, body }) {
      const replaced = { supplierId: supplier, keyId };
      const author = authorOf(caller, { now });
      const made = await replaceSupplierKey(replaced, body.overlap_seconds, database, author);
      if (made === "no_such_key") return context.refuse("not_found", NO_KEY);
      if (made === "not_live") {
        return context.refuse("conflict", "This key has ended already; make a new one instead.");
      }
      keysChanged();
      const { id, key, prefix, replacedUntil } = made;
      const data = { id, key, prefix, replaced: { id: keyId, expires_at: replacedUntil.toISOString() } };
      return context.json(201, { data });
    },
    words: {
      operation: "rotateSupplierKey",
      section: "Operators",
      summary: "Replace a key by a new one",
      description: `Makes a new key for a supplier. The one that it replaces stays good for \`overlap_seconds\`, a day when nothing
is said, and ends then.`,
      params: { supplier: SUPPLIER, key: pathParameter("The id of the key to be replaced", KEY) },
      calls: {
        no_such_key: missingCall("No key of this supplier", NO_KEY, { overlap_seconds: 3600 }),
        not_valid: invalidCall("Longer than a week", { overlap_seconds: 1_000_000 }, [
          "overlap_seconds",
          "out_of_range",
          "must be a whole number from 0 to 604,800",
        ]),
      },
      replies: {
        201: reply(
          "The new key, shown this once, and until when the other one is good.",
          dataOf({
            allOf: [CREATED_KEY, objectOf({ replaced: objectOf({ id: text, expires_at: time }) })],
          }),
        ),
        404: notFound("key"),
        409: refusalWords("The key has ended already."),
      },
    },
  });
}

function revokeRoute({ database, operators, now, keysChanged }: AdminParts): Route {
  return route({
    method: "delete",
    path: `${PATH}/:key`,
    who: operators.admin,
    async answer({ context, caller, params: { supplier, key } }) {
      const ended = { supplierId: supplier, keyId: key, shownIn: "header" as const };
      if (!(await endSupplierKey(ended, database, authorOf(caller, { now })))) {
        return context.refuse("not_found", NO_KEY);
      }
      keysChanged();
      return context.empty();
    },
    words: {
      operation: "revokeSupplierKey",
      section: "Operators",
      summary: "Revoke a key",
      description: "Ends a key at once: not one more lead comes in by it, on any server.",
      params: { supplier: SUPPLIER, key: pathParameter("The key's id", KEY) },
      calls: { no_such_key: missingCall("No key of this supplier", NO_KEY) },
      replies: { 204: reply("Revoked."), 404: notFound("key") },
    },
  });
}

const SUPPLIER_KEY = named(
  "SupplierKey",
  objectOf({ id: text, prefix: text, name: textOrNull, ...KEY_DATES }),
);

function keyAnswer(key: ListedSupplierKey, lastUse: Date | undefined, now: Date) {
  const { id, prefix, name } = key;
  return { id, prefix, name, ...keyDatesAnswer(key, lastUse, now) };
}
