import type { Operator, OperatorGates } from "#access/sessions/operator-gate.ts";
import {
  askForNewPasskey,
  passkeyAnswer,
  type RelyingParty,
  readNewPasskey,
} from "#access/sessions/passkey.ts";
import { listPasskeys } from "#access/sessions/passkey-records.ts";
import type { OperatorPerson } from "#access/sessions/person-records.ts";
import { addPasskey, endPasskey, nameAnew } from "#changes/passkeys.ts";
import type { Database } from "#database/database.ts";
import type { RequestContext } from "#http/context.ts";
import { type Route, route } from "#http/route.ts";
import { NEW_PASSKEY_BODY, PASSKEY_NAME_BODY } from "./link-bodies.ts";

/** What people's own passkeys are kept with. */
export interface PasskeyParts {
  database: Database;
  operators: OperatorGates;
  /** Null: no passkeys can be asked for. */
  relyingParty: RelyingParty | null;
  now(): Date;
}

const PATH = "/api/v1/login/passkeys";

const NO_PERSON = "Passkeys are of people who log in by a link; a key is a secret by itself.";
const NOWHERE =
  "Browsers make passkeys for pages by https under a name: LEADGATE_PUBLIC_URL says where this server is reached.";
const NOT_SIGNED = "This is no passkey that was asked for here within the last minutes. Try once more.";
const TAKEN = "This passkey is on record already.";
const NO_PASSKEY = "You have no such passkey.";

/** A person's own passkeys: listed, made, named, removed. These are for the console's pages, and no part of the API. */
export function passkeyRoutes(parts: PasskeyParts): Route[] {
  return [listOwnRoute(parts), askRoute(parts), addOwnRoute(parts), nameRoute(parts), removeOwnRoute(parts)];
}

function listOwnRoute({ database, operators, relyingParty }: PasskeyParts): Route {
  return route({
    method: "get",
    path: PATH,
    who: operators.read,
    async answer({ context, caller: { person } }) {
      if (person === undefined) return context.refuse("conflict", NO_PERSON);
      const own = await database.read((db) => listPasskeys(db, person.id));
      const data = { can_be_made: relyingParty !== null, passkeys: own.map(passkeyAnswer) };
      return context.json(200, { data });
    },
  });
}

/** What the browser is to make, and to sign that with. */
function askRoute({ database, operators, relyingParty, now }: PasskeyParts): Route {
  return route({
    method: "post",
    path: `${PATH}/asked`,
    who: operators.read,
    async answer({ context, caller: { person } }) {
      if (person === undefined) return context.refuse("conflict", NO_PERSON);
      if (relyingParty === null) return context.refuse("conflict", NOWHERE);
      return context.json(201, { data: await askForNewPasskey(person, relyingParty, database, now()) });
    },
  });
}

function addOwnRoute({ database, operators, relyingParty, now }: PasskeyParts): Route {
  return route({
    method: "post",
    path: PATH,
    who: operators.read,
    body: NEW_PASSKEY_BODY,
    async answer({ context, caller, body: { name, passkey } }) {
      const { person } = caller;
      if (person === undefined) return context.refuse("conflict", NO_PERSON);
      if (relyingParty === null) return context.refuse("conflict", NOWHERE);
      const read = await readNewPasskey(passkey, person, relyingParty, database, now());
      if (read === undefined) return context.refuse("conflict", NOT_SIGNED);
      const made = await addPasskey(person.id, { ...read, name }, database, authorIn(caller, now));
      if (made === "taken") return context.refuse("conflict", TAKEN);
      return context.json(201, { data: passkeyAnswer(made) });
    },
  });
}

function nameRoute({ database, operators, now }: PasskeyParts): Route {
  return route({
    method: "patch",
    path: `${PATH}/:passkey`,
    who: operators.read,
    body: PASSKEY_NAME_BODY,
    async answer({ context, caller, params, body }) {
      const passkey = ownIn(caller, params.passkey);
      const isThere =
        passkey !== undefined && (await nameAnew(passkey, body.name, database, authorIn(caller, now)));
      return isThere ? context.empty() : notThere(context, caller.person);
    },
  });
}

function removeOwnRoute({ database, operators, now }: PasskeyParts): Route {
  return route({
    method: "delete",
    path: `${PATH}/:passkey`,
    who: operators.read,
    async answer({ context, caller, params }) {
      const passkey = ownIn(caller, params.passkey);
      const wasThere = passkey !== undefined && (await endPasskey(passkey, database, authorIn(caller, now)));
      return wasThere ? context.empty() : notThere(context, caller.person);
    },
  });
}

function ownIn({ person }: Operator, id: string): { personId: string; id: string } | undefined {
  return person && { personId: person.id, id };
}

function notThere(context: RequestContext, person: OperatorPerson | undefined): Response {
  return person === undefined
    ? context.refuse("conflict", NO_PERSON)
    : context.refuse("not_found", NO_PASSKEY);
}

function authorIn({ name: by }: Operator, now: () => Date): { by: string; now: Date } {
  return { by, now: now() };
}
