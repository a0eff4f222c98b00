import { isOfForeignPage } from "#access/sessions/session-cookie.ts";
import { anybody, type Route, route } from "#http/route.ts";
import { askLinkRoute, ELSEWHERE, NOT_GOOD } from "./asking.ts";
import { LINK_BODY } from "./link-bodies.ts";
import type { PortalLoginParts } from "./portal-login-routes.ts";

/** How people who are operators log in: by a link that they are sent. These are for the console's pages, and no part of the API. */
export function operatorLoginRoutes(parts: PortalLoginParts): Route[] {
  return [frontRoute(parts), askLinkRoute("/api/v1/login", "console", parts), openRoute(parts)];
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
      const { person, expiresAt, cookie } = opened;
      const data = {
        name: person.name,
        role: person.role,
        key_id: null,
        person_id: person.id,
        expires_at: expiresAt.toISOString(),
      };
      return context.json(201, { data }, { "set-cookie": cookie });
    },
  });
}
