import { Type } from "@sinclair/typebox";
import type { AdminParts } from "#admin/parts.ts";
import { optionalJson } from "#http/body-form.ts";
import type { RequestContext } from "#http/context.ts";
import { type Route, route } from "#http/route.ts";
import { dataOf } from "#http/schema.ts";
import { missingCall, notFound, pathParameter, refusalWords, reply } from "#http/words.ts";
import type { NotHeld } from "#intake/held/release.ts";
import { LEAD_DATA } from "#intake/supplier-words.ts";
import { uuidOfLead } from "#text/ids.ts";

const NO_LEAD = "There is no such lead.";
const LEAD = pathParameter("The lead's id", "lead_01k6a1npq7f9gtqf2hs6zkdsn4");
const NOT_HELD = refusalWords("The lead is not put aside: it was decided already.");

/** Leads that were put aside, for a person to decide: `GET /admin/leads?status=HELD` lists them. */
export function heldRoutes(parts: AdminParts): Route[] {
  return [releaseRoute(parts), rejectRoute(parts)];
}

function releaseRoute({ operators, releaseHeld }: AdminParts): Route {
  return route({
    method: "post",
    path: "/api/v1/admin/leads/:lead/release",
    who: operators.operate,
    async answer({ context, caller, params }) {
      const uuid = uuidOfLead(params.lead);
      const outcome = uuid === undefined ? "no_such_lead" : await releaseHeld(uuid, caller.name);
      if (typeof outcome === "string") return notHeld(context, outcome);
      return context.json(outcome.httpStatus, JSON.parse(outcome.body));
    },
    words: {
      operation: "releaseLead",
      section: "Operators",
      summary: "Release a lead that was put aside",
      description: `Decides a lead that is \`HELD\` as if it came now: by the configuration, caps and duplicates of now, and without putting
it aside again. Answers as its supplier would be answered.`,
      params: { lead: LEAD },
      calls: { no_such_lead: missingCall("No such lead", NO_LEAD) },
      replies: {
        200: reply("Nobody can take it, or it repeats another lead by now.", dataOf(LEAD_DATA)),
        201: reply("A buyer has it.", dataOf(LEAD_DATA)),
        404: notFound("lead"),
        409: NOT_HELD,
        422: refusalWords("A filter or a suppression list of now turned it away."),
      },
    },
  });
}

const REJECTION = optionalJson(
  Type.Object(
    {
      reason: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 200,
          format: "leadgate:storable",
          mustBe: "a text of 1 to 200 characters",
          description:
            "Why, for the lead's trace. Nothing of the person belongs here: it stays when that is erased.",
        }),
      ),
    },
    { additionalProperties: false },
  ),
);

function rejectRoute({ operators, rejectHeld }: AdminParts): Route {
  return route({
    method: "post",
    path: "/api/v1/admin/leads/:lead/reject",
    who: operators.operate,
    body: REJECTION,
    async answer({ context, caller, params, body }) {
      const uuid = uuidOfLead(params.lead);
      const outcome = uuid === undefined ? "no_such_lead" : await rejectHeld(uuid, caller.name, body.reason);
      if (typeof outcome === "string") return notHeld(context, outcome);
      const { data } = JSON.parse(outcome.body) as { data: unknown };
      return context.json(200, { data });
    },
    words: {
      operation: "rejectLead",
      section: "Operators",
      summary: "Refuse a lead that was put aside",
      description: "Ends a lead that is `HELD` as `REJECTED`, reason `filtered`.",
      params: { lead: LEAD },
      calls: { no_such_lead: missingCall("No such lead", NO_LEAD, { reason: "not plausible" }) },
      replies: {
        200: reply("It is refused.", dataOf(LEAD_DATA)),
        404: notFound("lead"),
        409: NOT_HELD,
      },
    },
  });
}

function notHeld(context: RequestContext, why: NotHeld): Response {
  switch (why) {
    case "no_such_lead":
      return context.refuse("not_found", NO_LEAD);
    case "not_held":
      return context.refuse(
        "conflict",
        "Only a lead that is HELD can be released or refused; this one is decided.",
      );
    case "erased":
      return context.refuse(
        "conflict",
        "This lead's personal data was erased: there is nothing left to sell.",
      );
  }
}
