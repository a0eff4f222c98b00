import type { CampaignCache } from "#campaigns/campaign-cache.ts";
import type { SupplierHolder } from "#campaigns/campaign-records.ts";
import { invalid, unknownName } from "#http/field-errors.ts";
import { type Listing, listSettings, readPage } from "#http/listing.ts";
import { anything, moment, oneWordOf, yesOrNo } from "#http/query.ts";
import type { ReplyFieldError } from "#http/reply.ts";
import { type Route, route, singleRoute } from "#http/route.ts";
import {
  currency,
  dataOf,
  flag,
  listOf,
  moneyOrNull,
  named,
  objectOf,
  pageOf,
  text,
  textOrNull,
  time,
  wordOf,
} from "#http/schema.ts";
import { missingCall, pathParameter, refusalWords, reply } from "#http/words.ts";
import { LIMITED, OVER_LIMIT, OVER_LOOKUP_LIMIT } from "#intake/supplier-words.ts";
import { ANY_LEAD, findLead, type LeadFilter, listLeads, type RecordedLead } from "#leads/lead-records.ts";
import { RECORD_STATUSES } from "#leads/status.ts";
import { formatAmount } from "#money/amount.ts";
import { personInQuery, seek } from "#people/person-key.ts";
import { leadIdOf, uuidOfLead } from "#text/ids.ts";
import type { SupplierParts } from "./parts.ts";

/** What a supplier may know of leads that it sent: all of a time, one by its id, or whatever it sent of a person. */
export function lookupRoutes(parts: SupplierParts): Route[] {
  return [listOwnRoute(parts), searchRoute(parts), leadRoute(parts)];
}

const SETTINGS = {
  campaign: anything("Only of this campaign"),
  status: oneWordOf(RECORD_STATUSES, "Only with this status"),
  test: yesOrNo("Only test leads, or none"),
  since: moment("Decided at or after"),
  until: moment("Decided before"),
};

function listOwnRoute({ database, campaignCache, suppliers }: SupplierParts): Route {
  return route({
    method: "get",
    path: "/api/v1/leads",
    who: suppliers,
    reads: listSettings({ settings: SETTINGS, uuidOf: uuidOfLead }),
    async answer({ context, caller }) {
      const listing: Listing<typeof SETTINGS, RecordedLead, SupplierHolder> = {
        settings: SETTINGS,
        read: (asked, before, limit, { supplier }) => {
          const filter = { ...ANY_LEAD, ...asked, supplier: supplier.id };
          return database.survey((db) => listLeads(db, filter, before, limit));
        },
        idOf: leadIdOf,
        uuidOf: uuidOfLead,
      };
      const read = await readPage(context, listing, caller);
      if (!read.ok) return read.reply;
      const { entries, nextCursor } = read.page;
      return context.json(200, { data: await viewsOf(entries, campaignCache), next_cursor: nextCursor });
    },
    words: {
      operation: "listOwnLeads",
      section: "Suppliers",
      summary: "Your leads, newest first",
      description: `All leads of this supplier, the newest first: how each ended, why, and what is paid for it. Other suppliers' leads
are not there.`,
      replies: {
        200: {
          ...reply("A page of them.", pageOf(LEAD_FOR_SUPPLIER), LIMITED),
          examples: {
            leads: { summary: "One lead", value: { data: [LEAD_OF_YOURS], next_cursor: null } },
          },
        },
        400: refusalWords("A setting of the query is not known or not valid.", LIMITED),
        429: OVER_LOOKUP_LIMIT,
      },
    },
  });
}

function searchRoute({ database, pepper, campaignCache, suppliers }: SupplierParts): Route {
  return route({
    method: "get",
    path: "/api/v1/leads/lookup",
    who: suppliers,
    reads: {
      id: pathParameter("As the answer to the lead said"),
      phone: pathParameter("In any usual spelling", "+13055550188"),
      email: pathParameter("In any case"),
      country: pathParameter(
        "By which a phone without a country code is understood; US unless said otherwise",
      ),
    },
    async answer({ context, caller: { supplier } }) {
      const asked = askedFor(new URL(context.request.url).searchParams, pepper);
      if ("errors" in asked) return invalid(context, asked.errors);
      const filter = { ...ANY_LEAD, ...asked, supplier: supplier.id };
      const found = await database.read((db) => listLeads(db, filter, null, MOST_FOUND));
      if (found.length === 0) return context.refuse("not_found", NO_LEAD);
      return context.json(200, { data: await viewsOf(found, campaignCache) });
    },
    words: {
      operation: "lookUpLeads",
      section: "Suppliers",
      summary: "Find leads of yours",
      description: `The leads of this supplier with this id, phone or e-mail, the newest first and 50 at most. Of several, all
must fit. Other suppliers' leads are not found.`,
      calls: { not_yours: missingCall(NOT_YOURS, NO_LEAD) },
      replies: {
        200: {
          ...reply("The leads.", objectOf({ data: listOf(LEAD_FOR_SUPPLIER) }), LIMITED),
          examples: { found: { summary: "One lead of this person", value: { data: [LEAD_OF_YOURS] } } },
        },
        404: refusalWords(`${NOT_YOURS}.`, LIMITED),
        429: OVER_LOOKUP_LIMIT,
      },
    },
  });
}

/** Another supplier's lead is as if there were none. */
function leadRoute({ database, campaignCache, suppliers }: SupplierParts): Route {
  return singleRoute({
    path: "/api/v1/leads/:id",
    who: suppliers,
    missing: NO_LEAD,
    async read({ id }, { supplier }) {
      const uuid = uuidOfLead(id);
      const found = uuid === undefined ? undefined : await database.read((db) => findLead(db, uuid));
      if (found?.supplierId !== supplier.id) return undefined;
      const [view] = await viewsOf([found], campaignCache);
      return view;
    },
    words: {
      operation: "getLead",
      section: "Suppliers",
      summary: "Look up a lead of yours",
      description: "What a supplier may know of a lead that it sent. Another supplier's lead is not found.",
      params: { id: pathParameter("As the answer to the lead said", LEAD_OF_YOURS.id) },
      calls: { not_yours: missingCall(NOT_YOURS, NO_LEAD) },
      replies: {
        200: {
          ...reply("The lead.", dataOf(LEAD_FOR_SUPPLIER), LIMITED),
          examples: {
            accepted: { summary: "A lead that was accepted", value: { data: LEAD_OF_YOURS } },
          },
        },
        404: refusalWords(`${NOT_YOURS}.`, LIMITED),
        429: OVER_LIMIT,
      },
    },
  });
}

const MOST_FOUND = 50;
const NO_LEAD = "There is no such lead.";
const NOT_YOURS = "No lead of this supplier";

/** What its supplier sees of a lead. */
const LEAD_OF_YOURS = {
  id: "lead_01k6a1npq7f9gtqf2hs6zkdsn4",
  status: "ACCEPTED",
  reason: null,
  campaign_id: "solar",
  buyer_id: "national-solar",
  payout: "18.00",
  currency: "USD",
  is_test: false,
  created_at: "2026-01-13T17:00:00.000Z",
};

const LEAD_FOR_SUPPLIER = named(
  "LeadForSupplier",
  objectOf({
    id: text,
    status: wordOf(
      RECORD_STATUSES,
      "PENDING: a buyer is being asked about it. HELD: put aside until a person decides.",
    ),
    reason: { ...textOrNull, description: "The one word for why it ended so." },
    campaign_id: text,
    buyer_id: { ...textOrNull, description: "Null also where the campaign does not tell." },
    payout: moneyOrNull,
    currency,
    is_test: flag,
    created_at: time,
  }),
);

const NAMES = ["id", "phone", "email", "country"];

function askedFor(
  query: URLSearchParams,
  pepper: Uint8Array,
): Pick<LeadFilter, "id" | "person"> | { errors: readonly ReplyFieldError[] } {
  const errors: ReplyFieldError[] = [...new Set(query.keys())]
    .filter((name) => !NAMES.includes(name))
    .map((name) => unknownName(name, NAMES));
  if (["id", "phone", "email"].every((name) => !query.has(name))) {
    errors.push({ field: "id", code: "required", message: "One of id, phone and email is required" });
  }
  const said = query.get("id");
  const id = said === null ? null : uuidOfLead(said);
  if (id === undefined)
    errors.push({ field: "id", code: "invalid_format", message: "id must be a lead's id" });
  const person = seek(personInQuery(query), pepper);
  if (!person.ok) errors.push(...person.errors);
  if (errors.length > 0 || id === undefined || !person.ok) return { errors };
  const { phone, email } = person.sought;
  return { id, person: phone === null && email === null ? null : person.sought };
}

/** Leads as their supplier sees them; whom they went to only where their campaigns say so. */
async function viewsOf(leads: readonly RecordedLead[], campaignCache: CampaignCache) {
  const ids = [...new Set(leads.map(({ campaignId }) => campaignId))];
  const campaigns = await Promise.all(ids.map((id) => campaignCache.find(id)));
  const open = new Set(campaigns.flatMap((each) => (each?.showBuyers === true ? [each.id] : [])));
  return leads.map((lead) => supplierView(lead, open.has(lead.campaignId)));
}

/** A supplier sees its payout, never the buyer's price. */
function supplierView(lead: RecordedLead, showBuyers: boolean) {
  return {
    id: leadIdOf(lead.id),
    status: lead.status,
    reason: lead.reason,
    campaign_id: lead.campaignId,
    buyer_id: showBuyers ? lead.buyerId : null,
    payout: lead.payout === null ? null : formatAmount(lead.payout, lead.currency),
    currency: lead.currency,
    is_test: lead.isTest,
    created_at: new Date(lead.decidedAt).toISOString(),
  };
}
