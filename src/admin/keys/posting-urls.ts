import { Type } from "@sinclair/typebox";
import { type ListedPostingUrl, listPostingUrls } from "#access/posting-url-records.ts";
import { type AdminParts, authorOf } from "#admin/parts.ts";
import { endPartyKey, givePostingUrl } from "#changes/keys.ts";
import { json } from "#http/body-form.ts";
import { invalid } from "#http/field-errors.ts";
import { type Route, route } from "#http/route.ts";
import { dataOf, named, objectOf, pageOf, text, textOrNull } from "#http/schema.ts";
import { exampleCall, invalidCall, missingCall, notFound, pathParameter, reply } from "#http/words.ts";
import { EXPIRES_AT, expiryErrors, expiryOf, KEY_DATES, keyDatesAnswer } from "./key-dates.ts";

const PATH = "/api/v1/admin/suppliers/:supplier/posting-urls";
const SUPPLIER = pathParameter("The supplier's id", "acme-media");
const URL_ID = "url_01k6a1npq7f9gtqf2hs6zkdsn4";
const NO_SUPPLIER = "There is no such supplier.";
const NO_URL = "This supplier has no such posting URL.";
const NOT_LINKED = "must be the id of a campaign that the supplier is linked to";

const NAMED = (mostCharacters: number, mustBe: string) =>
  Type.Optional(
    Type.Union(
      [Type.String({ minLength: 1, maxLength: mostCharacters, format: "leadgate:storable" }), Type.Null()],
      { mustBe },
    ),
  );

const NEW_URL = Type.Object({
  campaign: NAMED(128, "the id of a campaign that the supplier is linked to"),
  name: NAMED(200, "a text of 1 to 200 characters"),
  expires_at: EXPIRES_AT,
});

/** The addresses that suppliers without headers post to: made, listed, revoked. */
export function postingUrlRoutes(parts: AdminParts): Route[] {
  return [createRoute(parts), listUrlsRoute(parts), revokeRoute(parts)];
}

function createRoute({ database, operators, publicUrl, now }: AdminParts): Route {
  return route({
    method: "post",
    path: PATH,
    who: operators.admin,
    body: json(NEW_URL, (body) => expiryErrors(body, now())),
    async answer({ context, caller, params, body: { campaign = null, name = null, expires_at } }) {
      const wanted = { name, campaignId: campaign, expiresAt: expiryOf(expires_at) };
      const made = await givePostingUrl(params.supplier, wanted, database, authorOf(caller, { now }));
      if (made === "no_such_supplier") return context.refuse("not_found", NO_SUPPLIER);
      if (made === "no_such_campaign") {
        return invalid(context, [{ field: "campaign", code: "not_allowed", message: NOT_LINKED }]);
      }
      const path = `${publicUrl ?? ""}/api/v1/ingest/u/${made.key}`;
      return context.json(201, { data: { id: made.id, url: new URL(path, context.request.url).href } });
    },
    words: {
      operation: "createPostingUrl",
      section: "Operators",
      summary: "Make a posting URL",
      description: `An address that leads of this supplier are posted to without any header: it holds a key of its own. For form
builders and ad platforms. With \`campaign\` all its leads are for that one. The key takes in leads and nothing else.`,
      params: { supplier: SUPPLIER },
      calls: {
        made: exampleCall("For one campaign", { campaign: "solar", name: "Google lead form" }, 201, {
          data: {
            id: URL_ID,
            url: "http://localhost/api/v1/ingest/u/lg_url_0123456789abcdefghijklmnopqrstuv1Xw2Yz",
          },
        }),
        not_linked: invalidCall("For a campaign of others", { campaign: "none" }, [
          "campaign",
          "not_allowed",
          NOT_LINKED,
        ]),
      },
      replies: {
        201: reply("The address, shown this once.", dataOf(CREATED_URL)),
        404: notFound("supplier"),
      },
    },
  });
}

function listUrlsRoute({ database, operators, now, lastUse }: AdminParts): Route {
  return route({
    method: "get",
    path: PATH,
    who: operators.read,
    async answer({ context, params }) {
      const urls = await listPostingUrls(database, params.supplier);
      if (urls === null) return context.refuse("not_found", NO_SUPPLIER);
      const at = now();
      const data = urls.map((url) => urlAnswer(url, lastUse(url.id), at));
      return context.json(200, { data, next_cursor: null });
    },
    words: {
      operation: "listPostingUrls",
      section: "Operators",
      summary: "The posting URLs of a supplier",
      description: "All posting URLs that a supplier has or had, without the keys in them.",
      params: { supplier: SUPPLIER },
      replies: { 200: reply("The posting URLs.", pageOf(POSTING_URL)), 404: notFound("supplier") },
    },
  });
}

function revokeRoute({ database, operators, now, keysChanged }: AdminParts): Route {
  return route({
    method: "delete",
    path: `${PATH}/:url`,
    who: operators.admin,
    async answer({ context, caller, params: { supplier, url } }) {
      const party = { kind: "supplier" as const, id: supplier };
      const ended = { party, keyId: url, shownIn: "url" as const };
      if (!(await endPartyKey(ended, database, authorOf(caller, { now })))) {
        return context.refuse("not_found", NO_URL);
      }
      keysChanged();
      return context.empty();
    },
    words: {
      operation: "revokePostingUrl",
      section: "Operators",
      summary: "Revoke a posting URL",
      description: "Ends a posting URL at once: not one more lead comes in by it, on any server.",
      params: { supplier: SUPPLIER, url: pathParameter("The posting URL's id", URL_ID) },
      calls: { no_such_url: missingCall("No posting URL of this supplier", NO_URL) },
      replies: { 204: reply("Revoked."), 404: notFound("posting URL") },
    },
  });
}

const CREATED_URL = named(
  "CreatedPostingUrl",
  objectOf({
    id: text,
    url: {
      type: "string",
      format: "uri",
      description: "Shown this once; of its key only the SHA-256 is kept.",
    },
  }),
);

const POSTING_URL = named(
  "PostingUrl",
  objectOf({
    id: text,
    prefix: { type: "string", description: "The beginning of the key in the address." },
    name: textOrNull,
    campaign: { ...textOrNull, description: "The one that all its leads are for." },
    ...KEY_DATES,
  }),
);

function urlAnswer(url: ListedPostingUrl, lastUse: Date | undefined, now: Date) {
  const { id, prefix, name, campaignId } = url;
  return { id, prefix, name, campaign: campaignId, ...keyDatesAnswer(url, lastUse, now) };
}
