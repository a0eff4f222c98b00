import type { LinkTarget } from "#access/signed-link.ts";
import { readCampaign } from "#campaigns/campaign-records.ts";
import type { CampaignDefinition } from "#campaigns/definition.ts";
import { optionalJsonAsItIs } from "#http/body-form.ts";
import { invalid, unknownNames } from "#http/field-errors.ts";
import type { ReplyFieldError } from "#http/reply.ts";
import { type Route, route } from "#http/route.ts";
import { dataOf, objectOf, textOrNull, time } from "#http/schema.ts";
import { exampleCall, invalidCall, notFound, pathParameter, reply } from "#http/words.ts";
import type { AdminParts } from "./parts.ts";

const USUAL_SECONDS = 604_800;
const LONGEST_SECONDS = 31_536_000;

const EXAMPLE_QUERY = "supplier=acme-media&expires=1768410000&signature=01993a52-5c1e-7c2b-a1d7-0f1d3f2b9c11";

/** Links to the pages about a campaign, for people without a key. */
export function docsLinkRoute({ database, operators, docsLink, now }: AdminParts): Route {
  return route({
    method: "post",
    path: "/api/v1/admin/campaigns/:id/docs-link",
    who: operators.operate,
    body: optionalJsonAsItIs(LINK),
    async answer({ context, params, body }) {
      const { supplier = null, buyer = null, expires_in_seconds: seconds = USUAL_SECONDS, ...others } = body;
      const stored = await database.read((db) => readCampaign(db, params.id));
      if (stored === undefined) return context.refuse("not_found", "There is no such campaign.");
      const errors = unknownNames(others, ["supplier", "buyer", "expires_in_seconds"]);
      const reader = readerFrom(supplier, buyer, stored.definition);
      if ("code" in reader) errors.push(reader);
      if (!Number.isInteger(seconds) || Number(seconds) < 1 || Number(seconds) > LONGEST_SECONDS) {
        const message = `must be a whole number from 1 to ${LONGEST_SECONDS.toLocaleString("en")}`;
        errors.push({ field: "expires_in_seconds", code: "out_of_range", message });
      }
      if (errors.length > 0 || "code" in reader) return invalid(context, errors);
      // A link says its end in whole seconds.
      const expiresAt = new Date(Math.floor(now().getTime() / 1000 + Number(seconds)) * 1000);
      const path = docsLink({ campaignId: params.id, reader }, expiresAt);
      const url = new URL(path, context.request.url).href;
      return context.json(201, { data: { url, expires_at: expiresAt.toISOString() } });
    },
    words: {
      operation: "linkToCampaignDocs",
      section: "Operators",
      summary: "Make a link to a campaign's page",
      description: `Makes a link to \`/docs/campaigns/{id}\` that can be opened without a key until it expires, also
when the campaign keeps its page private. Made for a supplier, it shows that supplier's own limits and rules too. Made
for a buyer, it opens \`/docs/webhooks\` with an example of what that buyer receives.`,
      params: { id: pathParameter("The campaign's id", "solar") },
      calls: {
        made: exampleCall(
          "For a supplier, for a day",
          { supplier: "acme-media", expires_in_seconds: 86_400 },
          201,
          {
            data: {
              url: `http://localhost/docs/campaigns/solar?${EXAMPLE_QUERY}`,
              expires_at: "2026-01-14T17:00:00.000Z",
            },
          },
        ),
        not_valid: invalidCall("For a supplier that the campaign does not have", { supplier: "nobody" }, [
          "supplier",
          "not_allowed",
          "must be the id of a supplier of this campaign",
        ]),
      },
      replies: {
        201: reply(
          "The link.",
          dataOf(objectOf({ url: { type: "string", format: "uri" }, expires_at: time })),
        ),
        404: notFound("campaign"),
      },
    },
  });
}

const LINK = objectOf(
  {},
  {
    supplier: textOrNull,
    buyer: { ...textOrNull, description: "Instead of a supplier" },
    expires_in_seconds: {
      type: "integer",
      minimum: 1,
      maximum: LONGEST_SECONDS,
      default: USUAL_SECONDS,
    },
  },
);

/** Whom the link is for, or what is wrong with how that was said. */
function readerFrom(
  supplier: unknown,
  buyer: unknown,
  { suppliers, buyers }: CampaignDefinition,
): LinkTarget["reader"] | ReplyFieldError {
  if (supplier !== null && buyer !== null) return wrong("buyer", "must not be named beside a supplier");
  if (supplier !== null) {
    const id = suppliers.map((link) => link.supplier.id).find((known) => known === supplier);
    return id === undefined
      ? wrong("supplier", "must be the id of a supplier of this campaign")
      : { kind: "supplier", id };
  }
  if (buyer !== null) {
    const id = buyers.map((contract) => contract.buyer.id).find((known) => known === buyer);
    return id === undefined
      ? wrong("buyer", "must be the id of a buyer of this campaign")
      : { kind: "buyer", id };
  }
  return { kind: "anybody" };
}

function wrong(field: string, message: string): ReplyFieldError {
  return { field, code: "not_allowed", message };
}
