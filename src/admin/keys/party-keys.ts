import { Type } from "@sinclair/typebox";
import { importProblem, PARTY_MARKS, type Party } from "#access/party-key.ts";
import { type ListedPartyKey, listPartyKeys } from "#access/party-key-records.ts";
import { OVERLAP } from "#admin/overlap.ts";
import { type AdminParts, authorOf } from "#admin/parts.ts";
import { endPartyKey, givePartyKey, replacePartyKey } from "#changes/keys.ts";
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
import { BUYERS, noSuch, type PartyWords, partyIn, partyParameter, SUPPLIERS } from "./party-words.ts";

/** What differs between the keys of suppliers and of buyers. */
interface KeyWords extends PartyWords {
  /** What is over when a key is revoked. */
  ends: string;
}

const KINDS: readonly KeyWords[] = [
  { ...SUPPLIERS, ends: "not one more lead comes in by it, on any server." },
  { ...BUYERS, ends: "on this server at once, on others within a second." },
];

const KEY = "key_01k6a1npq7f9gtqf2hs6zkdsn4";
const EXAMPLE_SECRET = "0123456789abcdefghijklmnopqrstuv1Xw2Yz";

const NEW_KEY = Type.Object({
  name: Type.Optional(
    Type.Union([Type.String({ minLength: 1, maxLength: 200, format: "leadgate:storable" }), Type.Null()], {
      mustBe: "a text of 1 to 200 characters",
    }),
  ),
  expires_at: EXPIRES_AT,
  secret: Type.Optional(Type.Unsafe<string | null>(Type.Any(textOrNull))),
});

/** The keys of suppliers and buyers: made or imported, listed, rotated, revoked. */
export function partyKeyRoutes(parts: AdminParts): Route[] {
  return KINDS.flatMap((of) => [
    createRoute(of, parts),
    listKeysRoute(of, parts),
    rotateRoute(of, parts),
    revokeRoute(of, parts),
  ]);
}

function createRoute(of: KeyWords, { database, operators, now }: AdminParts): Route {
  return route({
    method: "post",
    path: `${of.path}/keys`,
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
      const made = await givePartyKey(partyIn(params, of), wanted, database, authorOf(caller, { now }));
      if (made === "no_such_party") return context.refuse("not_found", noSuch(of));
      if (made === "taken") return context.refuse("conflict", "This secret is somebody's key already.");
      const { id, key, prefix } = made;
      return context.json(201, { data: { id, key, prefix } });
    },
    words: {
      operation: `create${of.name}Key`,
      section: "Operators",
      summary: `Make or import a ${of.kind}'s key`,
      description: `Gives a ${of.kind} one more key; those it has stay good, so that keys can be rotated with an overlap. A key from
another system is imported as \`secret\`, 24 to 256 printable ASCII characters.`,
      params: partyParameter(of),
      calls: {
        made: exampleCall("A new key", { name: "second server" }, 201, {
          data: {
            id: KEY,
            key: `${PARTY_MARKS[of.kind]}${EXAMPLE_SECRET}`,
            prefix: `${PARTY_MARKS[of.kind]}0123`,
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
        404: notFound(of.kind),
        409: refusalWords("The secret is somebody's key already."),
      },
    },
  });
}

function listKeysRoute(of: KeyWords, { database, operators, now, lastUse }: AdminParts): Route {
  return route({
    method: "get",
    path: `${of.path}/keys`,
    who: operators.read,
    async answer({ context, params }) {
      const keys = await listPartyKeys(database, partyIn(params, of));
      if (keys === null) return context.refuse("not_found", noSuch(of));
      const at = now();
      const data = keys.map((key) => keyAnswer(key, lastUse(key.id), at));
      return context.json(200, { data, next_cursor: null });
    },
    words: {
      operation: `list${of.name}Keys`,
      section: "Operators",
      summary: `The keys of a ${of.kind}`,
      description: `All keys that a ${of.kind} has or had, without the keys themselves.`,
      params: partyParameter(of),
      replies: { 200: reply("The keys.", pageOf(named(`${of.name}Key`, PARTY_KEY))), 404: notFound(of.kind) },
    },
  });
}

/** Makes a key beside which the one that it replaces is good for a while. It is shown this once. */
function rotateRoute(of: KeyWords, { database, operators, now, keysChanged }: AdminParts): Route {
  return route({
    method: "post",
    path: `${of.path}/keys/:key/rotate`,
    who: operators.admin,
    body: OVERLAP,
    async answer({ context, caller, params, body }) {
      const replaced = keyIn(params, of);
      const author = authorOf(caller, { now });
      const made = await replacePartyKey(replaced, body.overlap_seconds, database, author);
      if (made === "no_such_key") return context.refuse("not_found", noSuchKey(of));
      if (made === "not_live") {
        return context.refuse("conflict", "This key has ended already; make a new one instead.");
      }
      keysChanged();
      const { id, key, prefix, replacedUntil } = made;
      const data = {
        id,
        key,
        prefix,
        replaced: { id: replaced.keyId, expires_at: replacedUntil.toISOString() },
      };
      return context.json(201, { data });
    },
    words: {
      operation: `rotate${of.name}Key`,
      section: "Operators",
      summary: `Replace a ${of.kind}'s key by a new one`,
      description: `Makes a new key for a ${of.kind}. The one that it replaces stays good for \`overlap_seconds\`, a day when nothing
is said, and ends then.`,
      params: { ...partyParameter(of), key: pathParameter("The id of the key to be replaced", KEY) },
      calls: {
        no_such_key: missingCall(`No key of this ${of.kind}`, noSuchKey(of), { overlap_seconds: 3600 }),
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

function revokeRoute(of: KeyWords, { database, operators, now, keysChanged }: AdminParts): Route {
  return route({
    method: "delete",
    path: `${of.path}/keys/:key`,
    who: operators.admin,
    async answer({ context, caller, params }) {
      if (
        !(await endPartyKey({ ...keyIn(params, of), shownIn: "header" }, database, authorOf(caller, { now })))
      ) {
        return context.refuse("not_found", noSuchKey(of));
      }
      keysChanged();
      return context.empty();
    },
    words: {
      operation: `revoke${of.name}Key`,
      section: "Operators",
      summary: `Revoke a ${of.kind}'s key`,
      description: `Ends a key: ${of.ends}`,
      params: { ...partyParameter(of), key: pathParameter("The key's id", KEY) },
      calls: { no_such_key: missingCall(`No key of this ${of.kind}`, noSuchKey(of)) },
      replies: { 204: reply("Revoked."), 404: notFound("key") },
    },
  });
}

const PARTY_KEY = objectOf({ id: text, prefix: text, name: textOrNull, ...KEY_DATES });

function noSuchKey({ kind }: PartyWords): string {
  return `This ${kind} has no such key.`;
}

function keyIn(params: Readonly<Record<string, string>>, of: PartyWords): { party: Party; keyId: string } {
  return { party: partyIn(params, of), keyId: params.key ?? "" };
}

function keyAnswer(key: ListedPartyKey, lastUse: Date | undefined, now: Date) {
  const { id, prefix, name } = key;
  return { id, prefix, name, ...keyDatesAnswer(key, lastUse, now) };
}
