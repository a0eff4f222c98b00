import type { Sessions } from "#access/sessions/session.ts";
import { isOfForeignPage } from "#access/sessions/session-cookie.ts";
import type { RequestContext } from "#http/context.ts";
import { anybody, type Route, route } from "#http/route.ts";
import { askLinkRoute, ELSEWHERE, NOT_GOOD } from "./asking.ts";
import { LINK_BODY, SIGNED_BODY } from "./link-bodies.ts";
import { type PasskeyParts, passkeyRoutes } from "./passkey-routes.ts";
import type { PortalLoginParts } from "./portal-login-routes.ts";

const NOT_SIGNED = "This passkey is none of yours, or was asked for too long ago. Ask for a new link.";

/**
 * How people who are operators log in: by a link that they are sent, and a passkey where they have one. These are for the console's pages,
 * and no part of the API.
 */
export function operatorLoginRoutes(parts: PortalLoginParts & PasskeyParts): Route[] {
  return [
    frontRoute(parts),
    askLinkRoute("/api/v1/login", "console", parts),
    openRoute(parts),
    passkeyRoute(parts),
    ...passkeyRoutes(parts),
  ];
}

/** What the console's page shows before anybody has logged in. */
function frontRoute({ loginMails }: PortalLoginParts): Route {
  return route({
    method: "get",
    path: "/api/v1/login",
    who: anybody,
    answer: ({ context }) => context.json(200, { data: { sends_links: loginMails !== null } }),
  });
}

function openRoute({ sessions }: PortalLoginParts): Route {
  return route({
    method: "post",
    path: "/api/v1/login/session",
    who: anybody,
    body: LINK_BODY,
    async answer({ context, body }) {
      if (isOfForeignPage(context.request)) return context.refuse("forbidden", ELSEWHERE);
      const opened = await sessions.openByLoginLink(body.link, context.request);
      if (opened === undefined) return context.refuse("unauthorized", NOT_GOOD);
      if ("passkey" in opened) return context.json(200, { data: opened });
      return loggedIn(context, opened);
    },
  });
}

/** The second step of who has passkeys. */
function passkeyRoute({ sessions }: PortalLoginParts): Route {
  return route({
    method: "post",
    path: "/api/v1/login/passkey",
    who: anybody,
    body: SIGNED_BODY,
    async answer({ context, body }) {
      if (isOfForeignPage(context.request)) return context.refuse("forbidden", ELSEWHERE);
      const opened = await sessions.openByPasskey(body.passkey, context.request);
      return opened === undefined ? context.refuse("unauthorized", NOT_SIGNED) : loggedIn(context, opened);
    },
  });
}

function loggedIn(
  context: RequestContext,
  { person, expiresAt, cookie }: NonNullable<Awaited<ReturnType<Sessions["openByPasskey"]>>>,
): Response {
  const data = {
    name: person.name,
    role: person.role,
    key_id: null,
    person_id: person.id,
    expires_at: expiresAt.toISOString(),
  };
  return context.json(201, { data }, { "set-cookie": cookie });
}
