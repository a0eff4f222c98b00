import { Type } from "@sinclair/typebox";
import { type ListedOperatorKey, listOperatorKeys } from "#access/operator-key-records.ts";
import { ROLES } from "#access/role.ts";
import { type AdminParts, authorOf } from "#admin/parts.ts";
import { endOperatorKey, giveOperatorKey } from "#changes/keys.ts";
import { json } from "#http/body-form.ts";
import { type Route, route } from "#http/route.ts";
import { dataOf, named, objectOf, pageOf, text, wordOf } from "#http/schema.ts";
import { exampleCall, invalidCall, missingCall, notFound, pathParameter, reply } from "#http/words.ts";
import { CREATED_KEY, EXPIRES_AT, expiryErrors, expiryOf, KEY_DATES, keyDatesAnswer } from "./key-dates.ts";
import { NAME_AND_ROLE } from "./operator-settings.ts";

const PATH = "/api/v1/admin/operator-keys";
const NO_KEY = "There is no such key.";

const NEW_KEY = Type.Object({
  ...NAME_AND_ROLE,
  expires_at: EXPIRES_AT,
});

/** The keys of operators, each with a role: made, listed, revoked. The key of the settings is none of them. */
export function operatorKeyRoutes(parts: AdminParts): Route[] {
  return [createRoute(parts), listKeysRoute(parts), revokeRoute(parts)];
}

function createRoute({ database, operators, now }: AdminParts): Route {
  return route({
    method: "post",
    path: PATH,
    who: operators.admin,
    body: json(NEW_KEY, (body) => expiryErrors(body, now())),
    async answer({ context, caller, body: { name, role, expires_at } }) {
      const wanted = { name, role, expiresAt: expiryOf(expires_at) };
      const { id, key, prefix } = await giveOperatorKey(wanted, database, authorOf(caller, { now }));
      return context.json(201, { data: { id, key, prefix } });
    },
    words: {
      operation: "createOperatorKey",
      section: "Operators",
      summary: "Make an operator's key",
      description: `Makes a key for a person or a program. \`read\` may look, \`operate\` may also do the daily work
(send again, suppression entries, deposits), \`admin\` everything. The key of the settings, LEADGATE_ADMIN_KEY, is
always valid beside them.`,
      calls: {
        made: exampleCall("A key for a dashboard", { name: "dashboard", role: "read" }, 201, {
          data: {
            id: "opkey_01k6a1npq7f9gtqf2hs6zkdsn4",
            key: "lg_read_0123456789abcdefghijklmnopqrstuv1Xw2Yz",
            prefix: "lg_read_0123",
          },
        }),
        not_valid: invalidCall("No such role", { name: "dashboard", role: "owner" }, [
          "role",
          "not_allowed",
          "must be one of read, operate, admin",
        ]),
      },
      replies: { 201: reply("The key, shown this once.", dataOf(CREATED_KEY)) },
    },
  });
}

function listKeysRoute({ database, operators, now, lastUse }: AdminParts): Route {
  return route({
    method: "get",
    path: PATH,
    who: operators.admin,
    async answer({ context }) {
      const keys = await listOperatorKeys(database);
      const at = now();
      const data = keys.map((key) => keyAnswer(key, lastUse(key.id), at));
      return context.json(200, { data, next_cursor: null });
    },
    words: {
      operation: "listOperatorKeys",
      section: "Operators",
      summary: "The keys of operators",
      description: "All keys that operators have or had, without the keys themselves.",
      calls: { none: exampleCall("None yet", undefined, 200, { data: [], next_cursor: null }) },
      replies: { 200: reply("The keys.", pageOf(OPERATOR_KEY)) },
    },
  });
}

function revokeRoute({ database, operators, now }: AdminParts): Route {
  return route({
    method: "delete",
    path: `${PATH}/:key`,
    who: operators.admin,
    async answer({ context, caller, params }) {
      const isThere = await endOperatorKey(params.key, database, authorOf(caller, { now }));
      return isThere ? context.empty() : context.refuse("not_found", NO_KEY);
    },
    words: {
      operation: "revokeOperatorKey",
      section: "Operators",
      summary: "Revoke an operator's key",
      description: "Ends an operator's key at once, on every server.",
      params: { key: pathParameter("The key's id", "opkey_01k6a1npq7f9gtqf2hs6zkdsn4") },
      calls: { no_such_key: missingCall("No such key", NO_KEY) },
      replies: { 204: reply("Revoked."), 404: notFound("key") },
    },
  });
}

const OPERATOR_KEY = named(
  "OperatorKey",
  objectOf({ id: text, prefix: text, name: text, role: wordOf(ROLES), ...KEY_DATES }),
);

function keyAnswer(key: ListedOperatorKey, lastUse: Date | undefined, now: Date) {
  const { id, prefix, name, role } = key;
  return { id, prefix, name, role, ...keyDatesAnswer(key, lastUse, now) };
}
