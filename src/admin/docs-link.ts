import { Elysia } from "elysia";
import { readCampaign } from "#campaigns/campaign-records.ts";
import type { CampaignDefinition } from "#campaigns/definition.ts";
import { invalid, unknownNames } from "#http/field-errors.ts";
import { readOptionalObject } from "#http/json-body.ts";
import { errorReply, jsonResponse, type ReplyFieldError, requestIdOf } from "#http/reply.ts";
import { describedAs } from "./described.ts";
import type { AdminContext, DocsReader } from "./operator.ts";

const USUAL_SECONDS = 604_800;
const LONGEST_SECONDS = 31_536_000;

/** Links to the pages about a campaign, for people without a key. */
export function docsLinkRoutes(context: AdminContext) {
  return new Elysia({ prefix: "/api/v1/admin/campaigns/:id" }).post(
    "/docs-link",
    ({ request, params }) => makeLink(request, params.id, context),
    {
      parse: "none",
      ...describedAs("linkToCampaignDocs", "Make a link to a campaign's page", "operate"),
    },
  );
}

async function makeLink(
  request: Request,
  campaignId: string,
  { database, docsLink, now }: AdminContext,
): Promise<Response> {
  const requestId = requestIdOf(request);
  const body = await readOptionalObject(request);
  if (!body.ok) return body.reply;
  const {
    supplier = null,
    buyer = null,
    expires_in_seconds: seconds = USUAL_SECONDS,
    ...others
  } = body.value;
  const stored = await database.read((db) => readCampaign(db, campaignId));
  if (stored === undefined) return errorReply("not_found", "There is no such campaign.", requestId);
  const errors = unknownNames(others, ["supplier", "buyer", "expires_in_seconds"]);
  const reader = readerFrom(supplier, buyer, stored.definition);
  if ("code" in reader) errors.push(reader);
  if (!Number.isInteger(seconds) || Number(seconds) < 1 || Number(seconds) > LONGEST_SECONDS) {
    const message = `must be a whole number from 1 to ${LONGEST_SECONDS.toLocaleString("en")}`;
    errors.push({ field: "expires_in_seconds", code: "out_of_range", message });
  }
  if (errors.length > 0 || "code" in reader) return invalid(errors, requestId);
  // A link says its end in whole seconds.
  const expiresAt = new Date(Math.floor(now().getTime() / 1000 + Number(seconds)) * 1000);
  const path = docsLink({ campaignId, reader }, expiresAt);
  const data = { url: new URL(path, request.url).href, expires_at: expiresAt.toISOString() };
  return jsonResponse(201, { data }, { "x-request-id": requestId });
}

/** Whom the link is for, or what is wrong with how that was said. */
function readerFrom(
  supplier: unknown,
  buyer: unknown,
  { suppliers, buyers }: CampaignDefinition,
): DocsReader | ReplyFieldError {
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
