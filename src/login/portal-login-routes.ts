import type { LoggedIn, Sessions } from "#access/sessions/session.ts";
import { isOfForeignPage, noCookie, sessionTokenOf } from "#access/sessions/session-cookie.ts";
import { readBrand } from "#campaigns/brand-records.ts";
import type { Database } from "#database/database.ts";
import { anybody, type Route, route } from "#http/route.ts";
import { type AskingParts, askLinkRoute, ELSEWHERE, NOT_GOOD } from "./asking.ts";
import { LINK_BODY } from "./link-bodies.ts";

/** What logging in to the portal works with. */
export interface PortalLoginParts extends AskingParts {
  database: Database;
  sessions: Pick<Sessions, "of" | "openByLink" | "openByLoginLink" | "openByPasskey" | "end">;
}

const PATH = "/api/v1/portal/session";

/**
 * How suppliers and buyers log in to their portal: by a link that they ask for, or that an operator gives them. These are for the portal's
 * own pages, and no part of the API.
 */
export function portalLoginRoutes(parts: PortalLoginParts): Route[] {
  return [
    frontRoute(parts),
    askLinkRoute("/api/v1/portal/login", "portal", parts),
    openRoute(parts),
    showRoute(parts),
    endRoute(parts),
  ];
}

/** What the portal's pages show before anybody has logged in. */
function frontRoute({ database, loginMails }: PortalLoginParts): Route {
  return route({
    method: "get",
    path: "/api/v1/portal",
    who: anybody,
    async answer({ context }) {
      const brand = await database.read((db) => readBrand(db));
      return context.json(200, { data: { brand, sends_links: loginMails !== null } });
    },
  });
}

function openRoute({ sessions }: PortalLoginParts): Route {
  return route({
    method: "post",
    path: PATH,
    who: anybody,
    body: LINK_BODY,
    async answer({ context, body }) {
      if (isOfForeignPage(context.request)) return context.refuse("forbidden", ELSEWHERE);
      const opened = await sessions.openByLink(body.link, context.request);
      if (opened === undefined) return context.refuse("unauthorized", NOT_GOOD);
      return context.json(201, { data: visitorAnswer(opened) }, { "set-cookie": opened.cookie });
    },
  });
}

/** Who is logged in; null: nobody, which is no failure of whoever asks. */
function showRoute({ sessions }: PortalLoginParts): Route {
  return route({
    method: "get",
    path: PATH,
    who: anybody,
    async answer({ context }) {
      const found = await sessions.of(context.request);
      if (found?.kind === "portal") return context.json(200, { data: visitorAnswer(found) });
      // A browser forgets a cookie that is good no more, or it would count as a guess each time.
      const isOver = found === undefined && sessionTokenOf(context.request) !== undefined;
      return context.json(200, { data: null }, isOver ? { "set-cookie": noCookie(context.request) } : {});
    },
  });
}

function endRoute({ sessions }: PortalLoginParts): Route {
  return route({
    method: "delete",
    path: PATH,
    who: anybody,
    async answer({ context }) {
      const token = sessionTokenOf(context.request);
      if (token !== undefined) await sessions.end(token);
      const gone = context.empty();
      if (token !== undefined) gone.headers.set("set-cookie", noCookie(context.request));
      return gone;
    },
  });
}

function visitorAnswer({ visitor, expiresAt }: Extract<LoggedIn, { kind: "portal" }>) {
  const { holder, name, timezone } = visitor;
  const id = holder.kind === "buyer" ? holder.buyerId : holder.supplier.id;
  return { kind: holder.kind, id, name, timezone, expires_at: expiresAt.toISOString() };
}
