import {
  deleteListedPortalSession,
  type ListedPortalSession,
  listPortalSessions,
} from "#access/sessions/portal-session-records.ts";
import { deleteListedSession, type ListedSession, listSessions } from "#access/sessions/session-records.ts";
import type { AdminParts } from "#admin/parts.ts";
import { type Route, route } from "#http/route.ts";
import { named, objectOf, pageOf, text, textOrNull, time, wordOf } from "#http/schema.ts";
import { missingCall, notFound, pathParameter, reply } from "#http/words.ts";

const PATH = "/api/v1/admin/sessions";
const PORTAL_PATH = "/api/v1/admin/portal-sessions";

/** How many sessions of the portal are listed. */
const MOST = 200;

const NO_SESSION = "There is no such session.";

/** Who is logged in in a browser, operators and those in the portal: listed, and logged out. */
export function openSessionRoutes(parts: AdminParts): Route[] {
  return [listSessionsRoute(parts), endSessionRoute(parts), listPortalRoute(parts), endPortalRoute(parts)];
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

function listPortalRoute({ database, operators, now }: AdminParts): Route {
  return route({
    method: "get",
    path: PORTAL_PATH,
    who: operators.admin,
    async answer({ context }) {
      const sessions = await database.read((db) => listPortalSessions(db, now(), MOST));
      return context.json(200, { data: sessions.map(portalSessionAnswer), next_cursor: null });
    },
    words: {
      operation: "listPortalSessions",
      section: "Operators",
      summary: "Who is logged in to the portal",
      description: `The sessions of suppliers and buyers in browsers, the newest ${MOST}, each with the link that opened it.`,
      replies: { 200: reply("The sessions.", pageOf(PORTAL_SESSION)) },
    },
  });
}

function endPortalRoute({ database, operators }: AdminParts): Route {
  return route({
    method: "delete",
    path: `${PORTAL_PATH}/:session`,
    who: operators.admin,
    async answer({ context, params }) {
      const wasThere = await database.write((tx) => deleteListedPortalSession(tx, params.session));
      return wasThere ? context.empty() : context.refuse("not_found", NO_SESSION);
    },
    words: {
      operation: "endListedPortalSession",
      section: "Operators",
      summary: "Log somebody out of the portal",
      description:
        "Ends a session at once, on every server. Who has a link that is good can log in again: revoke that too.",
      params: { session: pathParameter("The session's id", "9f86d081884c7d659a2feaa0") },
      calls: { no_such_session: missingCall("None of this id", NO_SESSION) },
      replies: { 204: reply("Logged out."), 404: notFound("session") },
    },
  });
}

const PORTAL_SESSION = named(
  "PortalSession",
  objectOf({
    id: text,
    kind: wordOf(["supplier", "buyer"]),
    party_id: text,
    name: { ...text, description: "Of the supplier or buyer." },
    link_id: text,
    email: { ...textOrNull, description: "Where the link was sent; null: an operator handed it over." },
    created_at: time,
    expires_at: time,
  }),
);

function portalSessionAnswer({
  id,
  kind,
  partyId,
  name,
  linkId,
  email,
  createdAt,
  expiresAt,
}: ListedPortalSession) {
  return {
    id,
    kind,
    party_id: partyId,
    name,
    link_id: linkId,
    email,
    created_at: createdAt.toISOString(),
    expires_at: expiresAt.toISOString(),
  };
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
