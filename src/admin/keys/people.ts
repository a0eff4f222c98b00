import { Type } from "@sinclair/typebox";
import { ROLES } from "#access/role.ts";
import { type ListedPerson, listPeople } from "#access/sessions/person-records.ts";
import { type AdminParts, authorOf } from "#admin/parts.ts";
import { addPerson, alterPerson, endPerson } from "#changes/people.ts";
import { json } from "#http/body-form.ts";
import { type Route, route } from "#http/route.ts";
import { count, dataOf, named, objectOf, pageOf, text, time, timeOrNull, wordOf } from "#http/schema.ts";
import {
  exampleCall,
  invalidCall,
  missingCall,
  notFound,
  pathParameter,
  refusalWords,
  reply,
} from "#http/words.ts";
import { NAME_AND_ROLE } from "./operator-settings.ts";

const PATH = "/api/v1/admin/people";
const NO_PERSON = "There is no such person.";
const TAKEN = "A person with this e-mail is an operator already.";
const NO_MAIL =
  "This server sends no e-mail: it needs SMTP_URL and LEADGATE_PUBLIC_URL. Leave `invite` away.";
const PERSON_ID = "person_01k6a1npq7f9gtqf2hs6zkdsn4";
const ADDRESS = "an e-mail address without a name";

const NEW_PERSON = Type.Object({
  email: Type.String({
    format: "leadgate:mail-address",
    maxLength: 254,
    mustBe: ADDRESS,
    whenMissing: `must be ${ADDRESS}`,
  }),
  ...NAME_AND_ROLE,
  invite: Type.Optional(
    Type.Boolean({
      mustBe: "true or false",
      description: "Sends the person a link at once, which is good for three days.",
    }),
  ),
});

const CHANGED_PERSON = Type.Partial(Type.Object(NAME_AND_ROLE));

/** The people who are operators: they log in to the console by a link in an e-mail. */
export function peopleRoutes(parts: AdminParts): Route[] {
  return [addRoute(parts), listPeopleRoute(parts), changeRoute(parts), removeRoute(parts)];
}

function addRoute({ database, operators, invite, now }: AdminParts): Route {
  return route({
    method: "post",
    path: PATH,
    who: operators.admin,
    body: json(NEW_PERSON),
    async answer({ context, caller, body: { email, name, role, invite: isInvited = false } }) {
      if (isInvited && invite === null) return context.refuse("conflict", NO_MAIL);
      const wanted = { email: email.toLowerCase(), name, role };
      const made = await addPerson(wanted, database, authorOf(caller, { now }));
      if (made === "taken") return context.refuse("conflict", TAKEN);
      if (isInvited) invite?.(made.email, caller.person?.name ?? caller.name);
      const listed = { ...made, createdAt: now(), lastLoginAt: null, passkeys: 0 };
      return context.json(201, { data: personAnswer(listed) });
    },
    words: {
      operation: "addPerson",
      section: "Operators",
      summary: "Make a person an operator",
      description: `A person logs in at \`/console\` by a link that is sent to this address, and may do what the role lets it; the history
names the person. Keys are for programs, and for installations that send no e-mail. With \`invite\` the person is sent a link at once.`,
      calls: {
        made: exampleCall(
          "Who does the daily work",
          { email: "ada@example.com", name: "Ada", role: "operate" },
          201,
          {
            data: {
              id: PERSON_ID,
              email: "ada@example.com",
              name: "Ada",
              role: "operate",
              created_at: "2026-01-13T17:00:00.000Z",
              last_login_at: null,
              passkeys: 0,
            },
          },
        ),
        not_valid: invalidCall("No such role", { email: "ada@example.com", name: "Ada", role: "owner" }, [
          "role",
          "not_allowed",
          "must be one of read, operate, admin",
        ]),
      },
      replies: { 201: reply("The person.", dataOf(PERSON)), 409: refusalWords(`${TAKEN} Or: ${NO_MAIL}`) },
    },
  });
}

function listPeopleRoute({ database, operators }: AdminParts): Route {
  return route({
    method: "get",
    path: PATH,
    who: operators.admin,
    async answer({ context }) {
      const people = await database.read((db) => listPeople(db));
      return context.json(200, { data: people.map(personAnswer), next_cursor: null });
    },
    words: {
      operation: "listPeople",
      section: "Operators",
      summary: "The people who are operators",
      description: "All who log in by e-mail, with their roles and when they last did.",
      calls: { none: exampleCall("None yet", undefined, 200, { data: [], next_cursor: null }) },
      replies: { 200: reply("The people.", pageOf(PERSON)) },
    },
  });
}

function changeRoute({ database, operators, now }: AdminParts): Route {
  return route({
    method: "patch",
    path: `${PATH}/:person`,
    who: operators.admin,
    body: json(CHANGED_PERSON),
    async answer({ context, caller, params, body }) {
      const changed = await alterPerson(params.person, body, database, authorOf(caller, { now }));
      if (changed === undefined) return context.refuse("not_found", NO_PERSON);
      const people = await database.read((db) => listPeople(db));
      const listed = people.find(({ id }) => id === changed.id);
      if (listed === undefined) return context.refuse("not_found", NO_PERSON);
      return context.json(200, { data: personAnswer(listed) });
    },
    words: {
      operation: "changePerson",
      section: "Operators",
      summary: "Change a person's name or role",
      description:
        "What a person may do is asked with each request: another role is in force at once, in open sessions too.",
      params: { person: pathParameter("The person's id", PERSON_ID) },
      calls: { no_such_person: missingCall("Nobody of this id", NO_PERSON, { role: "read" }) },
      replies: { 200: reply("The person.", dataOf(PERSON)), 404: notFound("person") },
    },
  });
}

function removeRoute({ database, operators, now }: AdminParts): Route {
  return route({
    method: "delete",
    path: `${PATH}/:person`,
    who: operators.admin,
    async answer({ context, caller, params }) {
      const wasThere = await endPerson(params.person, database, authorOf(caller, { now }));
      return wasThere ? context.empty() : context.refuse("not_found", NO_PERSON);
    },
    words: {
      operation: "removePerson",
      section: "Operators",
      summary: "Make a person no operator any more",
      description:
        "Ends it at once, on every server: its sessions are over, and links that were sent are good no more.",
      params: { person: pathParameter("The person's id", PERSON_ID) },
      calls: { no_such_person: missingCall("Nobody of this id", NO_PERSON) },
      replies: { 204: reply("Removed."), 404: notFound("person") },
    },
  });
}

const PERSON = named(
  "Person",
  objectOf({
    id: text,
    email: text,
    name: text,
    role: wordOf(ROLES),
    created_at: time,
    last_login_at: timeOrNull,
    passkeys: { ...count, description: "How many it has; with none, a link alone lets it in." },
  }),
);

function personAnswer({ id, email, name, role, createdAt, lastLoginAt, passkeys }: ListedPerson) {
  return {
    id,
    email,
    name,
    role,
    created_at: createdAt.toISOString(),
    last_login_at: lastLoginAt?.toISOString() ?? null,
    passkeys,
  };
}
