import { deleteListedSession, type ListedSession, listSessions } from "#access/sessions/session-records.ts";
import type { AdminParts } from "#admin/parts.ts";
import { type Route, route } from "#http/route.ts";
import { named, objectOf, pageOf, text, textOrNull, time } from "#http/schema.ts";
import { missingCall, notFound, pathParameter, reply } from "#http/words.ts";

const PATH = "/api/v1/admin/sessions";
const NO_SESSION = "There is no such session.";

/** The operators who are logged in in a browser: listed, and logged out. */
export function openSessionRoutes(parts: AdminParts): Route[] {
  return [listSessionsRoute(parts), endSessionRoute(parts)];
}

function listSessionsRoute({ database, operators, now }: AdminParts): Route {
  return route({
    method: "get",
    path: PATH,
    who: operators.admin,
    async answer({ context }) {
      const sessions = await database.read((db) => listSessions(db, now()));
      return context.json(200, { data: sessions.map(sessionAnswer), next_cursor: null });
    },
    words: {
      operation: "listSessions",
      section: "Operators",
      summary: "Who is logged in",
      description:
        "The sessions of operators in browsers, the newest first, each with the person or the key that opened it.",
      replies: { 200: reply("The sessions.", pageOf(OPEN_SESSION)) },
    },
  });
}

function endSessionRoute({ database, operators }: AdminParts): Route {
  return route({
    method: "delete",
    path: `${PATH}/:session`,
    who: operators.admin,
    async answer({ context, params }) {
      const wasThere = await database.write((tx) => deleteListedSession(tx, params.session));
      return wasThere ? context.empty() : context.refuse("not_found", NO_SESSION);
    },
    words: {
      operation: "endListedSession",
      section: "Operators",
      summary: "Log somebody out",
      description: "Ends a session at once, on every server. Who has a link or a key can log in again.",
      params: { session: pathParameter("The session's id", "9f86d081884c7d659a2feaa0") },
      calls: { no_such_session: missingCall("None of this id", NO_SESSION) },
      replies: { 204: reply("Logged out."), 404: notFound("session") },
    },
  });
}

const OPEN_SESSION = named(
  "OpenSession",
  objectOf({
    id: text,
    name: { ...text, description: "Of the person or the key; LEADGATE_ADMIN_KEY: that of the settings." },
    person_id: textOrNull,
    key_id: textOrNull,
    created_at: time,
    expires_at: time,
  }),
);

function sessionAnswer({ id, name, personId, keyId, createdAt, expiresAt }: ListedSession) {
  return {
    id,
    name: name ?? "LEADGATE_ADMIN_KEY",
    person_id: personId,
    key_id: keyId,
    created_at: createdAt.toISOString(),
    expires_at: expiresAt.toISOString(),
  };
}
