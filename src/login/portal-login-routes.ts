import { Type } from "@sinclair/typebox";
import { createLimits } from "#access/limit.ts";
import type { LoggedIn, Sessions } from "#access/sessions/session.ts";
import { isOfForeignPage, noCookie, sessionTokenOf } from "#access/sessions/session-cookie.ts";
import { readBrand } from "#campaigns/brand-records.ts";
import type { RateLimit } from "#campaigns/campaign.ts";
import type { Database } from "#database/database.ts";
import { json } from "#http/body-form.ts";
import { anybody, type Route, route } from "#http/route.ts";
import type { LoginMails } from "./login-mails.ts";

/** What logging in to the portal works with. */
export interface PortalLoginParts {
  database: Database;
  sessions: Pick<Sessions, "of" | "openByLink" | "end">;
  /** Null: no e-mail can be sent, or it is not known where the links would lead. */
  loginMails: Pick<LoginMails, "ask"> | null;
  /** Where a request comes from; undefined when it came by no connection. */
  addressOf(request: Request): string | undefined;
  elapsedMs(): number;
}

/** Five at once from an address, and then one in ten seconds: an office may come back from lunch. */
const ASKING_LIMIT: RateLimit = { perSecond: 0.1, burstPerSecond: 5, burstSeconds: 1 };
const MOST_ADDRESSES = 10_000;

const PATH = "/api/v1/portal/session";

const NO_MAIL =
  "This server sends no links by e-mail: ask whoever runs it for one (it needs SMTP_URL and LEADGATE_PUBLIC_URL).";
const NOT_GOOD =
  "This link is not good any more: it has expired, was used, or was taken back. Ask for a new one.";
const ELSEWHERE = "Log in on a page of this server.";

/**
 * How suppliers and buyers log in to their portal: by a link that they ask for, or that an operator gives them. These are for the portal's
 * own pages, and no part of the API.
 */
export function portalLoginRoutes(parts: PortalLoginParts): Route[] {
  return [frontRoute(parts), askLinkRoute(parts), openRoute(parts), showRoute(parts), endRoute(parts)];
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

/** The same answer whether anybody has the address or not. */
function askLinkRoute({ loginMails, addressOf, elapsedMs }: PortalLoginParts): Route {
  const limits = createLimits(MOST_ADDRESSES);
  return route({
    method: "post",
    path: "/api/v1/portal/login",
    who: anybody,
    body: json(
      Type.Object({
        email: Type.String({ format: "leadgate:mail-address", maxLength: 254, mustBe: "an e-mail address" }),
      }),
    ),
    answer({ context, body }) {
      if (loginMails === null) return context.refuse("conflict", NO_MAIL);
      if (isOfForeignPage(context.request)) return context.refuse("forbidden", ELSEWHERE);
      const address = addressOf(context.request) ?? "";
      const { admitted, retryAfter } = limits.of(address, ASKING_LIMIT).limiter.admit(elapsedMs());
      if (!admitted) {
        return context.refuse("rate_limited", "These are many requests for a link.", {
          retry_after: retryAfter,
        });
      }
      loginMails.ask(body.email);
      return context.json(202, { data: { email: body.email } });
    },
  });
}

function openRoute({ sessions }: PortalLoginParts): Route {
  return route({
    method: "post",
    path: PATH,
    who: anybody,
    body: json(
      Type.Object({ link: Type.String({ maxLength: 200, mustBe: "what stands in the link behind #" }) }),
    ),
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

function visitorAnswer({ visitor: { holder, name }, expiresAt }: Extract<LoggedIn, { kind: "portal" }>) {
  const id = holder.kind === "buyer" ? holder.buyerId : holder.supplier.id;
  return { kind: holder.kind, id, name, expires_at: expiresAt.toISOString() };
}
