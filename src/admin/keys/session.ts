import { ROLES } from "#access/role.ts";
import type { Operator } from "#access/sessions/operator-gate.ts";
import { noCookie, sessionTokenOf } from "#access/sessions/session-cookie.ts";
import type { AdminParts } from "#admin/parts.ts";
import { type Route, route } from "#http/route.ts";
import { dataOf, named, objectOf, text, textOrNull, timeOrNull, wordOf } from "#http/schema.ts";
import { exampleCall, refusalWords, reply } from "#http/words.ts";

const PATH = "/api/v1/admin/session";
const IN_SESSION = "A session is opened with a key, not with another session.";

/** Who calls, and the sessions by which the console's pages call. */
export function sessionRoutes(parts: AdminParts): Route[] {
  return [openRoute(parts), showSessionRoute(parts), endRoute(parts)];
}

function openRoute({ operators, sessions }: AdminParts): Route {
  return route({
    method: "post",
    path: PATH,
    who: operators.read,
    async answer({ context, caller }) {
      // Else a cookie that was taken could be made to last for ever.
      if (caller.sessionEndsAt !== undefined) return context.refuse("conflict", IN_SESSION);
      const { cookie, expiresAt } = await sessions.open(caller.key, context.request);
      const data = callerAnswer({ ...caller, sessionEndsAt: expiresAt });
      return context.json(201, { data }, { "set-cookie": cookie });
    },
    words: {
      operation: "openSession",
      section: "Operators",
      summary: "Log a browser in",
      description: `Opens a session for the key that is sent, and sets a cookie that stands for the key for 12 hours, or until the key
expires or is revoked: \`__Host-lg_session\` over https, else \`lg_session\`. No page can read it. What changes something is done with
it only when the browser says that the request comes from a page of this server (\`Sec-Fetch-Site: same-origin\`, or an equal \`Origin\`).`,
      replies: { 201: reply("Logged in.", dataOf(CALLER)), 409: refusalWords(IN_SESSION) },
    },
  });
}

function showSessionRoute({ operators }: AdminParts): Route {
  return route({
    method: "get",
    path: PATH,
    who: operators.read,
    answer: ({ context, caller }) => context.json(200, { data: callerAnswer(caller) }),
    words: {
      operation: "getSession",
      section: "Operators",
      summary: "Who calls",
      description: "Whose key or session the request came with, and what it may do.",
      calls: {
        master: exampleCall("The key of the settings", undefined, 200, {
          data: {
            name: "LEADGATE_ADMIN_KEY",
            role: "admin",
            key_id: null,
            person_id: null,
            expires_at: null,
          },
        }),
      },
      replies: { 200: reply("The caller.", dataOf(CALLER)) },
    },
  });
}

function endRoute({ operators, sessions }: AdminParts): Route {
  return route({
    method: "delete",
    path: PATH,
    who: operators.read,
    async answer({ context }) {
      const token = sessionTokenOf(context.request);
      if (token !== undefined) await sessions.end(token);
      const gone = context.empty();
      gone.headers.set("set-cookie", noCookie(context.request));
      return gone;
    },
    words: {
      operation: "endSession",
      section: "Operators",
      summary: "Log a browser out",
      description: "Ends the session that the request came with, at once and on every server.",
      replies: { 204: reply("Logged out.") },
    },
  });
}

const CALLER = named(
  "Caller",
  objectOf({
    name: text,
    role: wordOf(ROLES),
    key_id: { ...textOrNull, description: "Null: the key of the settings, or a person." },
    person_id: { ...textOrNull, description: "Null: a key." },
    expires_at: { ...timeOrNull, description: "When the session ends; null: a key was sent." },
  }),
);

function callerAnswer({ name, role, key, person, sessionEndsAt }: Operator) {
  return {
    name: key?.name ?? person?.name ?? name,
    role,
    key_id: key?.keyId ?? null,
    person_id: person?.id ?? null,
    expires_at: sessionEndsAt?.toISOString() ?? null,
  };
}
