import { Type } from "@sinclair/typebox";
import type { AdminParts } from "#admin/parts.ts";
import { json } from "#http/body-form.ts";
import { instantFrom } from "#http/instant.ts";
import { type Route, route } from "#http/route.ts";
import {
  currency,
  dataOf,
  FIELD_ERROR,
  flag,
  listOf,
  money,
  objectOf,
  text,
  textOrNull,
  time,
} from "#http/schema.ts";
import { errorExample, exampleCall, notFound, reply } from "#http/words.ts";
import { reasonOf, recordStatusOf, salesOf } from "#intake/decide/decision.ts";
import type { Simulated, SimulationWarning } from "#intake/simulate.ts";
import { RECORD_STATUSES } from "#leads/status.ts";
import { formatAmount } from "#money/amount.ts";
import { leadIdOf } from "#text/ids.ts";
import { TRACE_LINE } from "./lead-row.ts";

const NO_CAMPAIGN = "There is no such campaign.";

const id = (what: string) => Type.String({ minLength: 1, maxLength: 128, mustBe: `the id of a ${what}` });

const SIMULATE = Type.Object({
  lead: Type.Record(Type.String(), Type.Unknown(), { mustBe: "an object, as a supplier would send it" }),
  campaign: id("campaign"),
  supplier: id("supplier"),
  at: Type.Optional(
    Type.Union([Type.String({ format: "leadgate:instant" }), Type.Null()], {
      mustBe: "a time such as 2030-01-31T09:00:00Z",
    }),
  ),
});

/** What would become of a lead, with every buyer. */
export function simulateRoute({ operators, simulate }: AdminParts): Route {
  return route({
    method: "post",
    path: "/api/v1/admin/simulate",
    who: operators.read,
    body: json(SIMULATE),
    async answer({ context, body: { lead, campaign, supplier, at } }) {
      const { flo_campaign_id: _campaign, flo_supplier_id: _supplier, ...others } = lead;
      const { flo_ping_id: _ping, flo_buyer_id: _bid, ...fields } = others;
      const simulated = await simulate({
        campaignId: campaign,
        supplierId: supplier,
        body: fields,
        at: instantFrom(at) ?? null,
      });
      if (simulated === undefined) return context.refuse("not_found", NO_CAMPAIGN);
      return context.json(200, { data: simulatedAnswer(simulated, supplier) });
    },
    words: {
      operation: "simulateLead",
      section: "Operators",
      summary: "What would become of a lead, with every buyer",
      description: `Decides a lead as if it came from \`supplier\` now or \`at\` a time, and shows the whole trace: why each buyer was
passed over, and what those who were chosen pay. Nothing is recorded, counted or sent, and no buyer is asked; \`warnings\` say what may
be otherwise when such a lead comes.`,
      calls: {
        sold: exampleCall("A lead that is sold", { ...SOLAR, at: "2026-01-13T18:00:00Z" }, 200, {
          data: SOLD,
        }),
        no_campaign: exampleCall(
          "A campaign that there is not",
          { ...SOLAR, campaign: "wind" },
          404,
          errorExample("not_found", NO_CAMPAIGN),
        ),
      },
      replies: { 200: reply("What was decided.", dataOf(SIMULATED)), 404: notFound("campaign") },
    },
  });
}

const SOLAR = {
  campaign: "solar",
  supplier: "acme-media",
  lead: {
    first_name: "Ada",
    last_name: "Lovelace",
    phone: "(512) 555-0142",
    email: "ada@example.com",
    state: "TX",
    zip_code: "78701",
    homeowner: true,
  },
};

const SOLD = {
  status: "ACCEPTED",
  reason: null,
  campaign_id: "solar",
  supplier_id: "acme-media",
  revision: 2,
  at: "2026-01-13T18:00:00.000Z",
  is_test: false,
  duplicate_of: null,
  fields: { ...SOLAR.lead, phone: "+15125550142" },
  field_errors: [],
  sales: [{ buyer_id: "lone-star-solar", price: "45.00", payout: "18.00" }],
  currency: "USD",
  trace: [
    { check: "access", result: "passed" },
    { check: "fields", result: "passed" },
    { check: "filters", result: "passed" },
    { check: "suppression", result: "passed" },
    { check: "duplicates", result: "passed" },
    {
      check: "buyers",
      method: "priority",
      result: "passed",
      buyers: [
        { buyer_id: "lone-star-solar", chosen: true },
        { buyer_id: "sunbelt-energy", reason: "filtered", rules: ["any"] },
        { buyer_id: "national-solar", reason: "outranked" },
      ],
    },
  ],
  warnings: [
    {
      code: "state_of_now",
      message:
        "Caps, balances, earlier leads and endpoints are as they are now, whatever happens until then.",
      buyers: [],
    },
  ],
};

function simulatedAnswer({ at, reading, decision, warnings }: Simulated, supplier: string) {
  const { campaign, errors, kept, isTest } = reading;
  const { ending, trace } = decision;
  const shown = (amount: Parameters<typeof formatAmount>[0]) => formatAmount(amount, campaign.currency);
  const repeated =
    ending.kind === "duplicate" ? ending.of : "duplicateOf" in ending ? ending.duplicateOf : null;
  return {
    status: recordStatusOf(ending),
    reason: reasonOf(ending),
    campaign_id: campaign.id,
    supplier_id: supplier,
    revision: campaign.revision,
    at,
    is_test: isTest,
    duplicate_of: repeated === null ? null : leadIdOf(repeated.leadId),
    fields: kept,
    field_errors: errors,
    sales: salesOf(ending).map(({ buyerId, price, payout }) => ({
      buyer_id: buyerId,
      price: shown(price),
      payout: shown(payout),
    })),
    currency: campaign.currency,
    trace,
    warnings: warnings.map(warningAnswer),
  };
}

function warningAnswer({ code, buyers }: SimulationWarning) {
  return { code, message: WARNINGS[code], buyers };
}

const WARNINGS: Readonly<Record<SimulationWarning["code"], string>> = {
  live_bids_not_asked: "These buyers bid live and were not asked, so they are passed over.",
  confirmation_not_asked: "A buyer among these is asked before it gets a lead; it is taken to agree.",
  check_not_asked: "The campaign has others asked about such a lead; nobody was, and it is taken to pass.",
  no_ping: "The campaign is pinged first: prices are those of now, and not what a ping was promised.",
  state_of_now:
    "Caps, balances, earlier leads and endpoints are as they are now, whatever happens until then.",
};

const SIMULATED = objectOf({
  status: { type: ["string", "null"], enum: [...RECORD_STATUSES, null], description: "Null: not taken in." },
  reason: { ...textOrNull, description: "The one word for why it ended so." },
  campaign_id: text,
  supplier_id: text,
  revision: { type: "integer", description: "Of the campaign's configuration that decided it." },
  at: time,
  is_test: flag,
  duplicate_of: textOrNull,
  fields: { type: "object", description: "As understood." },
  field_errors: listOf(FIELD_ERROR),
  sales: listOf(objectOf({ buyer_id: text, price: money, payout: money })),
  currency,
  trace: listOf(TRACE_LINE),
  warnings: listOf(objectOf({ code: text, message: text, buyers: listOf(text) })),
});
