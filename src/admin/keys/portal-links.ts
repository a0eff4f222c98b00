import { Type } from "@sinclair/typebox";
import { loginAddress } from "#access/sessions/link-address.ts";
import { type ListedPortalLink, listPortalLinks } from "#access/sessions/portal-link-records.ts";
import { type AdminParts, authorOf } from "#admin/parts.ts";
import { endPortalLink, givePortalLink } from "#changes/portal-links.ts";
import { optionalJson } from "#http/body-form.ts";
import { type Route, route } from "#http/route.ts";
import {
  dataOf,
  flag,
  named,
  objectOf,
  pageOf,
  text,
  textOrNull,
  time,
  timeOrNull,
  wordOf,
} from "#http/schema.ts";
import { exampleCall, invalidCall, missingCall, notFound, pathParameter, reply } from "#http/words.ts";
import { DAY_MS } from "#time/durations.ts";
import { EXPIRES_AT, expiryErrors, expiryOf } from "./key-dates.ts";
import { BUYERS, noSuch, type PartyWords, partyIn, partyParameter, SUPPLIERS } from "./party-words.ts";

/** How long a link is good where nothing is said, and at most, in ms. */
const USUAL_MS = 7 * DAY_MS;
const LONGEST_MS = 366 * DAY_MS;

const LINK = "link_01k6a1npq7f9gtqf2hs6zkdsn4";
const EXAMPLE_LINK = "lg_link_0123456789abcdefghijklmnopqrstuv1Xw2Yz";
const NOT_SO_LONG = "must be within a year";

const NEW_LINK = Type.Object({
  once: Type.Optional(Type.Boolean({ mustBe: "true or false", description: "Good for one login alone." })),
  expires_at: EXPIRES_AT,
});

/** Links by which suppliers and buyers come to their portal: made, listed, revoked. */
export function portalLinkRoutes(parts: AdminParts): Route[] {
  return [SUPPLIERS, BUYERS].flatMap((of) => [
    createRoute(of, parts),
    listLinksRoute(of, parts),
    revokeRoute(of, parts),
  ]);
}

function createRoute(of: PartyWords, { database, operators, publicUrl, now }: AdminParts): Route {
  return route({
    method: "post",
    path: `${of.path}/links`,
    who: operators.admin,
    body: optionalJson(NEW_LINK, (body) => [...expiryErrors(body, now()), ...lengthErrors(body, now())]),
    async answer({ context, caller, params, body: { once = false, expires_at } }) {
      const expiresAt = expiryOf(expires_at) ?? new Date(now().getTime() + USUAL_MS);
      const author = authorOf(caller, { now });
      const made = await givePortalLink(partyIn(params, of), { once, expiresAt }, database, author);
      if (made === "no_such_party") return context.refuse("not_found", noSuch(of));
      const url = new URL(loginAddress("portal", made.secret, publicUrl ?? ""), context.request.url).href;
      const data = { id: made.id, url, once, expires_at: expiresAt.toISOString() };
      return context.json(201, { data });
    },
    words: {
      operation: `create${of.name}Link`,
      section: "Operators",
      summary: `Make a link to a ${of.kind}'s portal`,
      description: `Makes a link by which somebody logs in as this ${of.kind} at \`/portal\`, for 12 hours each time: as long as the
link is good, a week when nothing is said, or with \`once\` one single time. What it holds is sent by no browser and in no log.`,
      params: partyParameter(of),
      calls: {
        made: exampleCall("For a single login", { once: true }, 201, {
          data: {
            id: LINK,
            url: `http://localhost/portal/login#${EXAMPLE_LINK}`,
            once: true,
            expires_at: "2026-01-20T17:00:00.000Z",
          },
        }),
        not_valid: invalidCall("For ever", { expires_at: "2999-01-01T00:00:00Z" }, [
          "expires_at",
          "out_of_range",
          NOT_SO_LONG,
        ]),
      },
      replies: { 201: reply("The link, shown this once.", dataOf(CREATED_LINK)), 404: notFound(of.kind) },
    },
  });
}

function lengthErrors({ expires_at: expires }: { expires_at?: string | null }, now: Date) {
  const expiresAt = expiryOf(expires);
  if (expiresAt === null || expiresAt.getTime() <= now.getTime() + LONGEST_MS) return [];
  return [{ field: "expires_at", code: "out_of_range" as const, message: NOT_SO_LONG }];
}

function listLinksRoute(of: PartyWords, { database, operators, now }: AdminParts): Route {
  return route({
    method: "get",
    path: `${of.path}/links`,
    who: operators.read,
    async answer({ context, params }) {
      const links = await listPortalLinks(database, partyIn(params, of));
      if (links === null) return context.refuse("not_found", noSuch(of));
      const at = now();
      return context.json(200, { data: links.map((link) => linkAnswer(link, at)), next_cursor: null });
    },
    words: {
      operation: `list${of.name}Links`,
      section: "Operators",
      summary: `The links to a ${of.kind}'s portal`,
      description: `All links to the portal of this ${of.kind} that are good or were within the last 30 days, those that were sent by e-mail
too, without what is in them.`,
      params: partyParameter(of),
      replies: { 200: reply("The links.", pageOf(PORTAL_LINK)), 404: notFound(of.kind) },
    },
  });
}

function revokeRoute(of: PartyWords, { database, operators, now }: AdminParts): Route {
  return route({
    method: "delete",
    path: `${of.path}/links/:link`,
    who: operators.admin,
    async answer({ context, caller, params }) {
      const { link = "" } = params as Readonly<Record<string, string>>;
      if (!(await endPortalLink(partyIn(params, of), link, database, authorOf(caller, { now })))) {
        return context.refuse("not_found", noSuchLink(of));
      }
      return context.empty();
    },
    words: {
      operation: `revoke${of.name}Link`,
      section: "Operators",
      summary: `Revoke a link to a ${of.kind}'s portal`,
      description: "Ends a link at once, on every server, and logs out whoever came by it.",
      params: { ...partyParameter(of), link: pathParameter("The link's id", LINK) },
      calls: { no_such_link: missingCall(`No link of this ${of.kind}`, noSuchLink(of)) },
      replies: { 204: reply("Revoked."), 404: notFound("link") },
    },
  });
}

const CREATED_LINK = named(
  "CreatedPortalLink",
  objectOf({
    id: text,
    url: {
      type: "string",
      format: "uri",
      description: "Shown this once; only the SHA-256 of what is in it is kept.",
    },
    once: flag,
    expires_at: time,
  }),
);

const PORTAL_LINK = named(
  "PortalLink",
  objectOf({
    id: text,
    email: { ...textOrNull, description: "Where it was sent; null: an operator made it." },
    once: flag,
    status: wordOf(["live", "used", "expired", "revoked"]),
    created_at: time,
    expires_at: time,
    revoked_at: timeOrNull,
    used_at: { ...timeOrNull, description: "When somebody logged in by it last." },
  }),
);

function linkAnswer(link: ListedPortalLink, now: Date) {
  const { id, email, once } = link;
  return {
    id,
    email,
    once,
    status: linkStatus(link, now),
    created_at: link.createdAt.toISOString(),
    expires_at: link.expiresAt.toISOString(),
    revoked_at: link.revokedAt?.toISOString() ?? null,
    used_at: link.usedAt?.toISOString() ?? null,
  };
}

function linkStatus(
  { once, expiresAt, revokedAt, usedAt }: ListedPortalLink,
  now: Date,
): "live" | "used" | "expired" | "revoked" {
  if (revokedAt !== null) return "revoked";
  if (once && usedAt !== null) return "used";
  return expiresAt <= now ? "expired" : "live";
}

function noSuchLink({ kind }: PartyWords): string {
  return `This ${kind} has no such link.`;
}
