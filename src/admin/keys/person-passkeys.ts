import { passkeyAnswer } from "#access/sessions/passkey.ts";
import { listPasskeys } from "#access/sessions/passkey-records.ts";
import { type AdminParts, authorOf } from "#admin/parts.ts";
import { endPasskey } from "#changes/passkeys.ts";
import { type Route, route } from "#http/route.ts";
import { named, objectOf, pageOf, text, time, timeOrNull } from "#http/schema.ts";
import { missingCall, notFound, pathParameter, reply } from "#http/words.ts";

const PATH = "/api/v1/admin/people/:person/passkeys";
const NO_PASSKEY = "This person has no such passkey.";
const PERSON_ID = "person_01k6a1npq7f9gtqf2hs6zkdsn4";
const PASSKEY_ID = "passkey_01k6a1npq7f9gtqf2hs6zkdsn4";

/** The passkeys of people who are operators, as others see them who may: listed, and removed when a device is lost. */
export function personPasskeyRoutes(parts: AdminParts): Route[] {
  return [listPasskeysRoute(parts), removePasskeyRoute(parts)];
}

function listPasskeysRoute({ database, operators }: AdminParts): Route {
  return route({
    method: "get",
    path: PATH,
    who: operators.admin,
    async answer({ context, params }) {
      const passkeys = await database.read((db) => listPasskeys(db, params.person));
      return context.json(200, { data: passkeys.map(passkeyAnswer), next_cursor: null });
    },
    words: {
      operation: "listPasskeys",
      section: "Operators",
      summary: "The passkeys of a person",
      description:
        "A person makes them in the console; who has one is asked for it after the link. None for who is no operator.",
      params: { person: pathParameter("The person's id", PERSON_ID) },
      replies: { 200: reply("The passkeys.", pageOf(PASSKEY)) },
    },
  });
}

function removePasskeyRoute({ database, operators, now }: AdminParts): Route {
  return route({
    method: "delete",
    path: `${PATH}/:passkey`,
    who: operators.admin,
    async answer({ context, caller, params: { person: personId, passkey: id } }) {
      const wasThere = await endPasskey({ personId, id }, database, authorOf(caller, { now }));
      return wasThere ? context.empty() : context.refuse("not_found", NO_PASSKEY);
    },
    words: {
      operation: "removePasskey",
      section: "Operators",
      summary: "Remove a person's passkey",
      description:
        "For a person whose device is lost: without another passkey the link that is sent lets the person in again. Sessions go on.",
      params: {
        person: pathParameter("The person's id", PERSON_ID),
        passkey: pathParameter("The passkey's id", PASSKEY_ID),
      },
      calls: { no_such_passkey: missingCall("None of this id", NO_PASSKEY) },
      replies: { 204: reply("Removed."), 404: notFound("passkey") },
    },
  });
}

const PASSKEY = named(
  "Passkey",
  objectOf({ id: text, name: text, created_at: time, last_used_at: timeOrNull }),
);
