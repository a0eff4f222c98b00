import type { Operator } from "#access/sessions/operator-gate.ts";
import { DELIVERY_SUMMARY, deliverySummary } from "#admin/deliveries.ts";
import type { AdminParts } from "#admin/parts.ts";
import { unknownParties } from "#admin/unknown-parties.ts";
import { listDeliveriesOf } from "#delivery/outbox/delivery-records.ts";
import type { RequestContext } from "#http/context.ts";
import { listReply, listSettings, readPage } from "#http/listing.ts";
import { anything, dayOrTime, oneWordOf, querySetting, timeZone, yesOrNo } from "#http/query.ts";
import { type Route, route } from "#http/route.ts";
import {
  dataOf,
  listOf,
  moneyOrNull,
  named,
  objectOf,
  pageOf,
  text,
  textOrNull,
  time,
} from "#http/schema.ts";
import { exampleCall, missingCall, notFound, pathParameter, refusalWords, reply } from "#http/words.ts";
import { LEAD_DATA } from "#intake/supplier-words.ts";
import type { Feedback } from "#leads/feedback.ts";
import { listFeedbackOf } from "#leads/feedback-records.ts";
import { findLead, type LeadFilter, listLeads, type WholeLead } from "#leads/lead-records.ts";
import { LEAD_REASONS, RECORD_STATUSES } from "#leads/status.ts";
import { formatAmount } from "#money/amount.ts";
import { personAsked } from "#people/person-key.ts";
import { leadIdOf, updateIdOf, uuidOfLead } from "#text/ids.ts";
import { beginningOf, endingOf } from "#time/day-or-time.ts";
import { evidenceRoute } from "./evidence.ts";
import { EXPORT_SETTINGS, type ExportedListing, exportFormatOf, exportLeads } from "./lead-export.ts";
import { LEAD_ROW, LEAD_SUMMARY, leadRow, TRACE_LINE } from "./lead-row.ts";
import { tailRoute } from "./lead-tail.ts";

const PATH = "/api/v1/admin/leads";
const NO_LEAD = "There is no such lead.";
const LEAD = pathParameter("The lead's id", "lead_01k6a1npq7f9gtqf2hs6zkdsn4");

/** The leads on record: newest first, and each with the trace of how it was decided and what was sent of it. */
export function leadRoutes(parts: AdminParts): Route[] {
  return [
    listLeadsRoute(parts),
    tailRoute(parts),
    showRoute(parts),
    evidenceRoute(parts),
    redistributeOneRoute(parts),
    redistributeManyRoute(parts),
  ];
}

function listLeadsRoute(parts: AdminParts): Route {
  const leads = leadListing(parts);
  return route({
    method: "get",
    path: PATH,
    who: parts.operators.read,
    reads: { ...listSettings(leads), ...EXPORT_SETTINGS },
    answer({ context, caller }) {
      const format = exportFormatOf(context.request);
      return format === undefined
        ? listReply(context, leads, leadRow, caller)
        : exportLeads(context, format, leads, parts);
    },
    words: {
      operation: "listLeads",
      section: "Operators",
      summary: "The leads on record, newest first",
      description: `The leads on record, newest first: a page of them in JSON, or all of them as CSV or lines of JSON,
streamed. In CSV, what a spreadsheet would take for a formula stands behind an apostrophe.`,
      calls: { none: exampleCall("None yet", undefined, 200, { data: [], next_cursor: null }) },
      replies: { 200: reply("A page of them.", pageOf(LEAD_SUMMARY)) },
    },
  });
}

function showRoute({ database, operators }: AdminParts): Route {
  return route({
    method: "get",
    path: `${PATH}/:lead`,
    who: operators.read,
    async answer({ context, params }) {
      const uuid = uuidOfLead(params.lead);
      if (uuid === undefined) return context.refuse("not_found", NO_LEAD);
      const [lead, deliveries, feedback] = await database.read((db) =>
        Promise.all([findLead(db, uuid), listDeliveriesOf(db, uuid), listFeedbackOf(db, uuid)]),
      );
      if (lead === undefined) return context.refuse("not_found", NO_LEAD);
      const data = {
        ...leadAnswer(lead),
        deliveries: deliveries.map(deliverySummary),
        updates: feedback.map((each) => feedbackAnswer(each, lead.currency)),
      };
      return context.json(200, { data });
    },
    words: {
      operation: "getLeadOnRecord",
      section: "Operators",
      summary: "One lead, with its trace and deliveries",
      description: "A lead with what was sent, the trace of how it was decided, and what was sent on.",
      params: { lead: LEAD },
      calls: { no_such_lead: missingCall("No such lead", NO_LEAD) },
      replies: { 200: reply("The lead.", dataOf(LEAD_ON_RECORD)), 404: notFound("lead") },
    },
  });
}

/** Sends one lead round again; answers as its supplier would be answered. */
function redistributeOneRoute({ operators, redistribute }: AdminParts): Route {
  return route({
    method: "post",
    path: `${PATH}/:lead/redistribute`,
    who: operators.operate,
    async answer({ context, caller, params }) {
      const uuid = uuidOfLead(params.lead);
      const outcome = uuid === undefined ? "no_such_lead" : await redistribute(uuid, caller.name);
      if (outcome === "no_such_lead") return context.refuse("not_found", NO_LEAD);
      if (outcome === "not_open") return context.refuse("conflict", NOT_OPEN);
      if (outcome === "erased") return context.refuse("conflict", ERASED);
      return context.json(outcome.httpStatus, JSON.parse(outcome.body));
    },
    words: {
      operation: "redistributeLead",
      section: "Operators",
      summary: "Send a lead round again",
      description:
        "Decides a lead once more that found no buyer, or that its buyer did not get or take. Answers as its supplier would be answered.",
      params: { lead: LEAD },
      calls: { no_such_lead: missingCall("No such lead", NO_LEAD) },
      replies: {
        200: reply("Still nobody has it.", dataOf(LEAD_DATA)),
        201: reply("A buyer has it now.", dataOf(LEAD_DATA)),
        404: notFound("lead"),
        409: refusalWords("The lead is not open to be sent round again."),
        422: refusalWords("A filter or a suppression list turned it away."),
      },
    },
  });
}

const ERASED = "This lead's personal data was erased: there is nothing left to send.";

const NOT_OPEN =
  "Only a lead of the last 60 days that found no buyer, or that its buyer did not get or take, can be sent round again.";

/** Sends the leads of a query round again, the newest first; answers how many ended in which way. */
function redistributeManyRoute(parts: AdminParts): Route {
  const leads = leadListing(parts);
  return route({
    method: "post",
    path: `${PATH}/redistribute`,
    who: parts.operators.operate,
    reads: listSettings(leads),
    answer: ({ context, caller }) => redistributePage(context, caller, leads, parts),
    words: {
      operation: "redistributeLeads",
      section: "Operators",
      summary: "Send the leads of a query round again",
      description:
        "The same for a page of leads, found by a query as in the list; answers how many ended which way.",
      calls: {
        none: exampleCall("None to be sent", undefined, 200, {
          data: { accepted: 0, not_accepted: 0, not_open: 0 },
          next_cursor: null,
        }),
      },
      replies: {
        200: reply(
          "How many ended which way.",
          objectOf({
            data: objectOf({
              accepted: { type: "integer" },
              not_accepted: { type: "integer" },
              not_open: { type: "integer" },
            }),
            next_cursor: textOrNull,
          }),
        ),
      },
    },
  });
}

async function redistributePage(
  context: RequestContext,
  operator: Operator,
  leads: LeadListing,
  { redistribute }: AdminParts,
): Promise<Response> {
  const read = await readPage(context, leads, operator);
  if (!read.ok) return read.reply;
  const { entries, nextCursor } = read.page;
  const outcomes = await Promise.all(entries.map((lead) => redistribute(lead.id, operator.name)));
  const counts = { accepted: 0, not_accepted: 0, not_open: 0 };
  for (const outcome of outcomes) {
    if (typeof outcome === "string") counts.not_open += 1;
    else if (outcome.httpStatus === 201) counts.accepted += 1;
    else counts.not_accepted += 1;
  }
  return context.json(200, { data: counts, next_cursor: nextCursor });
}

const SETTINGS = {
  phone: anything("Only of the person with this phone, in any usual spelling"),
  email: anything("Only of the person with this e-mail"),
  country: anything("By which a phone without a country code is understood; US unless said otherwise"),
  id: querySetting("The lead with this id", "a lead's id", uuidOfLead),
  campaign: anything("Only of this campaign"),
  supplier: anything("Only of this supplier"),
  buyer: anything("Only those that this buyer has"),
  status: oneWordOf(RECORD_STATUSES, "Only with this status"),
  test: yesOrNo("Only test leads, or none"),
  source: anything("Only with this source"),
  reason: oneWordOf(LEAD_REASONS, "Only those that ended so for this reason"),
  since: dayOrTime("Decided at or after this time, or on this day or later"),
  until: dayOrTime("Decided before this time, or on this day at the latest"),
  timezone: timeZone("In which the days of since and until begin, IANA; otherwise UTC"),
};

type LeadListing = ExportedListing<typeof SETTINGS>;

/** Leads by what an operator asks; the pepper keys the hashes by which people are found. */
function leadListing({ database, pepper }: AdminParts): LeadListing {
  const find: LeadListing["find"] = (db, asked, before, limit, undoneToo) => {
    const { phone, email, country, since, until, timezone, buyer, ...others } = asked;
    const { person } = personAsked({ phone, email, country }, pepper);
    const zone = timezone ?? "UTC";
    const filter: LeadFilter = {
      ...others,
      person,
      since: since && beginningOf(since, zone).toISOString(),
      until: until && endingOf(until, zone).toISOString(),
      ...(undoneToo ? { buyer: null, bought: buyer } : { buyer, bought: null }),
    };
    return listLeads(db, filter, before, limit);
  };
  return {
    settings: SETTINGS,
    check: async (asked) => [
      ...personAsked(asked, pepper).errors,
      ...(await unknownParties(asked, database)),
    ],
    read: (asked, before, limit) => database.survey((db) => find(db, asked, before, limit, false)),
    find,
    idOf: leadIdOf,
    uuidOf: uuidOfLead,
  };
}

const seconds = { type: ["integer", "null"], minimum: 0 };

const FEEDBACK = named(
  "LeadUpdate",
  objectOf({
    id: text,
    outcome: text,
    revenue: moneyOrNull,
    sales_rep: textOrNull,
    speed_to_lead_seconds: seconds,
    call_duration_seconds: seconds,
    note: textOrNull,
    created_at: time,
  }),
);

const LEAD_ON_RECORD = named(
  "LeadOnRecord",
  objectOf({
    ...LEAD_ROW,
    revision: { type: "integer", description: "Of the campaign's configuration that decided it." },
    request_id: text,
    fields: { type: "object", description: "As understood." },
    sent: { type: "object", description: "What was sent, where that differs from what was understood." },
    trace: listOf(TRACE_LINE),
    deliveries: listOf(DELIVERY_SUMMARY),
    updates: listOf(FEEDBACK, "What its supplier reported."),
  }),
);

/** What its supplier reported of it. */
function feedbackAnswer(update: Feedback, currency: string) {
  return {
    id: updateIdOf(update.id),
    outcome: update.outcome,
    revenue: update.revenue === null ? null : formatAmount(update.revenue, currency),
    sales_rep: update.salesRep,
    speed_to_lead_seconds: update.speedToLeadSeconds,
    call_duration_seconds: update.callDurationSeconds,
    note: update.note,
    created_at: new Date(update.createdAt).toISOString(),
  };
}

function leadAnswer(lead: WholeLead) {
  return {
    ...leadRow(lead),
    revision: lead.revision,
    request_id: lead.requestId,
    fields: JSON.parse(lead.fields) as unknown,
    sent: lead.sent === null ? {} : (JSON.parse(lead.sent) as unknown),
    trace: lead.trace,
  };
}
