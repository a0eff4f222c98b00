import { type AdminParts, authorOf } from "#admin/parts.ts";
import type { RequestContext } from "#http/context.ts";
import { invalid } from "#http/field-errors.ts";
import type { Listing } from "#http/listing.ts";
import { anything, oneWordOf } from "#http/query.ts";
import { listRoute, type Route, route, singleRoute } from "#http/route.ts";
import { dataOf, pageOf } from "#http/schema.ts";
import {
  exampleCall,
  invalidCall,
  missingCall,
  notFound,
  pathParameter,
  refusalWords,
  reply,
} from "#http/words.ts";
import { type LeadReturn, RETURN_STATUSES } from "#leads/return.ts";
import { findReturn, listReturns } from "#leads/return-records.ts";
import { askReturn, type NoReturn } from "#returns/ask-return.ts";
import { type NotDecided, rejectAskedReturn } from "#returns/decide-return.ts";
import { ASKED_BY_OPERATOR, EXAMPLE_RETURN, REJECTION, RETURN, returnAnswer } from "#returns/return-words.ts";
import { returnIdOf, uuidOfLead, uuidOfReturn } from "#text/ids.ts";

const PATH = "/api/v1/admin/returns";
const NO_LEAD = "There is no such lead.";
const NO_RETURN = "There is no such return.";
const RETURN_ID = pathParameter("The return's id", EXAMPLE_RETURN.id);
const DECIDED_OTHERWISE = refusalWords("It was decided otherwise already, or cannot be decided now.");

const SETTINGS = {
  status: oneWordOf(RETURN_STATUSES, "Only with this status"),
  buyer: anything("Only of this buyer"),
  campaign: anything("Only of this campaign"),
};

/** Leads that buyers give back: asked for, listed, accepted and rejected. */
export function returnRoutes(parts: AdminParts): Route[] {
  return [
    askRoute(parts),
    listReturnsRoute(parts),
    showReturnRoute(parts),
    acceptRoute(parts),
    rejectRoute(parts),
  ];
}

function askRoute(parts: AdminParts): Route {
  return route({
    method: "post",
    path: "/api/v1/admin/leads/:lead/returns",
    who: parts.operators.operate,
    body: ASKED_BY_OPERATOR,
    async answer({ context, caller, params, body }) {
      const leadId = uuidOfLead(params.lead);
      if (leadId === undefined) return context.refuse("not_found", NO_LEAD);
      const wanted = { leadId, buyerId: body.buyer_id ?? null, reason: body.reason, note: body.note ?? null };
      const made = await askReturn({ ...wanted, by: caller.name }, parts.database, parts.now());
      return "refused" in made ? notAsked(context, made) : context.json(201, { data: returnAnswer(made) });
    },
    words: {
      operation: "askReturn",
      section: "Operators",
      summary: "Give a lead back for a buyer",
      description: `Asks that a sale be undone because its buyer gives the lead back, on the terms of its contract: \`returns\` of
the buyer, or of the contract. It is to be accepted or rejected; where the terms say \`auto_accept_hours\`, it is accepted after
that by itself. \`buyer_id\` is needed where several buyers have the lead.`,
      params: { lead: pathParameter("The lead's id", EXAMPLE_RETURN.lead_id) },
      calls: {
        no_such_lead: missingCall("No such lead", NO_LEAD, { reason: "bad_contact" }),
        no_note: invalidCall("Another reason without a note", { reason: "other" }, [
          "note",
          "required",
          "is required where the reason is other",
        ]),
      },
      replies: {
        201: reply("It is on record, to be decided.", dataOf(RETURN)),
        404: notFound("lead"),
        409: refusalWords(
          "The terms do not let it, or it was returned or asked for already; the message says which.",
        ),
      },
    },
  });
}

function notAsked(context: RequestContext, no: NoReturn): Response {
  switch (no.refused) {
    case "no_such_lead":
      return context.refuse("not_found", NO_LEAD);
    case "no_such_sale":
      return context.refuse("conflict", "The lead was not sold to this buyer.");
    case "which_buyer":
      return invalid(context, [
        { field: "buyer_id", code: "required", message: "is required, as several buyers have the lead" },
      ]);
    case "conflict":
      return context.refuse("conflict", no.why);
  }
}

function listReturnsRoute({ database, operators }: AdminParts): Route {
  const listing: Listing<typeof SETTINGS, LeadReturn> = {
    settings: SETTINGS,
    read: (asked, before, limit) => database.read((db) => listReturns(db, asked, before, limit)),
    idOf: returnIdOf,
    uuidOf: uuidOfReturn,
  };
  return listRoute({
    path: PATH,
    who: operators.read,
    listing,
    shown: returnAnswer,
    words: {
      operation: "listReturns",
      section: "Operators",
      summary: "The leads that buyers give back, newest first",
      description: "Returns, the newest first; `status=pending` are those that are to be decided.",
      calls: { none: exampleCall("None yet", undefined, 200, { data: [], next_cursor: null }) },
      replies: { 200: reply("A page of them.", pageOf(RETURN)) },
    },
  });
}

function showReturnRoute({ database, operators }: AdminParts): Route {
  return singleRoute({
    path: `${PATH}/:return`,
    who: operators.read,
    missing: NO_RETURN,
    async read(params) {
      const uuid = uuidOfReturn(params.return);
      const found = uuid === undefined ? undefined : await database.read((db) => findReturn(db, uuid));
      return found && returnAnswer(found);
    },
    words: {
      operation: "getReturn",
      section: "Operators",
      summary: "One return",
      description: "A lead that a buyer gives back.",
      params: { return: RETURN_ID },
      calls: { no_such_return: missingCall("There is none with this id", NO_RETURN) },
      replies: { 200: reply("The return.", dataOf(RETURN)), 404: notFound("return") },
    },
  });
}

function acceptRoute(parts: AdminParts): Route {
  return route({
    method: "post",
    path: `${PATH}/:return/accept`,
    who: parts.operators.operate,
    async answer({ context, caller, params }) {
      const uuid = uuidOfReturn(params.return);
      if (uuid === undefined) return context.refuse("not_found", NO_RETURN);
      return decided(context, await parts.acceptReturn(uuid, authorOf(caller, parts)));
    },
    words: {
      operation: "acceptReturn",
      section: "Operators",
      summary: "Accept a return",
      description: `Undoes the sale: the buyer gets its price back; the supplier's payout and the caps follow the campaign's \`returns\`.
A lead of which no sale is left is \`RETURNED\`. Accepted once more, it stays as it is.`,
      params: { return: RETURN_ID },
      calls: { no_such_return: missingCall("There is none with this id", NO_RETURN) },
      replies: { 200: reply("The return.", dataOf(RETURN)), 404: notFound("return"), 409: DECIDED_OTHERWISE },
    },
  });
}

function rejectRoute(parts: AdminParts): Route {
  return route({
    method: "post",
    path: `${PATH}/:return/reject`,
    who: parts.operators.operate,
    body: REJECTION,
    async answer({ context, caller, params, body }) {
      const uuid = uuidOfReturn(params.return);
      if (uuid === undefined) return context.refuse("not_found", NO_RETURN);
      return decided(context, await rejectAskedReturn(uuid, body.note, authorOf(caller, parts), parts));
    },
    words: {
      operation: "rejectReturn",
      section: "Operators",
      summary: "Reject a return",
      description:
        "The sale stands. The note says why, also to the buyer. Rejected once more, it stays as it is.",
      params: { return: RETURN_ID },
      calls: {
        no_such_return: missingCall("There is none with this id", NO_RETURN, { note: "it was reached" }),
      },
      replies: { 200: reply("The return.", dataOf(RETURN)), 404: notFound("return"), 409: DECIDED_OTHERWISE },
    },
  });
}

function decided(context: RequestContext, result: LeadReturn | NotDecided): Response {
  if (!("refused" in result)) return context.json(200, { data: returnAnswer(result) });
  return result.refused === "conflict"
    ? context.refuse("conflict", result.why)
    : context.refuse("not_found", NO_RETURN);
}
