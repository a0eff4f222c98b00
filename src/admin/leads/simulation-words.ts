import {
  count,
  currency,
  listOf,
  money,
  named,
  objectOf,
  text,
  textOrNull,
  time,
  timeOrNull,
  wordOf,
} from "#http/schema.ts";
import { SALE_STATUSES } from "#leads/sale.ts";
import { RECORD_STATUSES } from "#leads/status.ts";
import { formatAmount, moneyTotal } from "#money/amount.ts";
import {
  type ComparedFigures,
  type DifferingLead,
  type LeadEnd,
  profitOf,
  type SimulatedFigures,
} from "#simulations/comparison.ts";
import type { Unknown } from "#simulations/open-lead.ts";
import type { SimulationResult } from "#simulations/run.ts";
import { SIMULATION_STATES, type Simulation } from "#simulations/simulation-records.ts";
import { leadIdOf, simulationIdOf } from "#text/ids.ts";
import { isoOf } from "#time/iso.ts";
import { TRACE_LINE } from "./lead-row.ts";

/** A simulation as it is listed. */
export function simulationAnswer(simulation: Simulation) {
  const { leads, ofLeads } = simulation;
  return {
    id: simulationIdOf(simulation.id),
    state: simulation.state,
    since: isoOf(simulation.since),
    until: isoOf(simulation.until),
    campaigns: simulation.campaigns,
    requested_at: isoOf(simulation.requestedAt),
    requested_by: simulation.requestedBy,
    started_at: isoOf(simulation.startedAt),
    finished_at: isoOf(simulation.finishedAt),
    progress: { leads, of: ofLeads },
    failure: simulation.failure,
  };
}

/** The same with what came of it. */
export function wholeAnswer({ result, ...simulation }: Simulation & { result: SimulationResult | null }) {
  return { ...simulationAnswer(simulation), result: result && resultAnswer(result) };
}

function resultAnswer({
  totals,
  campaigns,
  suppliers,
  buyers,
  leads,
  differing,
  leftOut,
  unknown,
  begins,
}: SimulationResult) {
  return {
    leads,
    differing,
    left_out: { test: leftOut.test, erased: leftOut.erased, pending: leftOut.pending },
    totals: totals.map(comparedAnswer),
    campaigns: campaigns.map((row) => ({ campaign_id: row.id, ...comparedAnswer(row) })),
    suppliers: suppliers.map((row) => ({ supplier_id: row.id, ...comparedAnswer(row) })),
    buyers: buyers.map((row) => ({ buyer_id: row.id, ...comparedAnswer(row) })),
    warnings: [...beginning(begins), ...warningsOf(unknown)],
  };
}

function comparedAnswer({ currency: code, before, after, differing }: ComparedFigures) {
  return {
    currency: code,
    before: figuresAnswer(before, code),
    after: figuresAnswer(after, code),
    differing,
  };
}

function figuresAnswer(figures: SimulatedFigures, code: string) {
  const { notTaken, revenue, payouts, ...counts } = figures;
  return {
    ...counts,
    not_taken: notTaken,
    revenue: formatAmount(moneyTotal(revenue), code),
    payouts: formatAmount(moneyTotal(payouts), code),
    profit: formatAmount(profitOf(figures), code),
  };
}

const STATE_OF_NOW = {
  code: "state_of_now",
  message:
    "Suppression lists and invoices that are overdue are as they are now: of earlier days it is not on record who was on them.",
  leads: null,
  buyers: [],
};

const NOT_ASKED: Record<Unknown, (ids: readonly string[]) => string> = {
  bids: () => "What these buyers would have bid is not on record: they are taken to bid nothing.",
  answers: () =>
    "These buyers are asked before they get a lead, and were not asked for these: they are taken to agree.",
  checks: (ids) => `Nobody has asked ${ids.join(", ")} about these leads: they are taken to let them pass.`,
};

function beginning(begins: number | undefined) {
  if (begins === undefined) return [];
  const message = `Leads before ${isoOf(begins)} are no longer on record, as records_days says: it begins there.`;
  return [{ code: "records_begin", message, leads: null, buyers: [] }];
}

function warningsOf(unknown: SimulationResult["unknown"]) {
  const doubts = (["bids", "answers", "checks"] as const).flatMap((what) => {
    const { leads, who } = unknown[what];
    if (leads === 0) return [];
    const buyers = what === "checks" ? [] : who;
    return [{ code: `${what}_unknown`, message: NOT_ASKED[what](who), leads, buyers }];
  });
  return [STATE_OF_NOW, ...doubts];
}

/** A lead that would have ended otherwise. */
export function differingAnswer({
  leadId,
  campaignId,
  supplierId,
  currency: code,
  before,
  after,
  traces,
}: DifferingLead) {
  return {
    id: leadIdOf(leadId),
    campaign_id: campaignId,
    supplier_id: supplierId,
    currency: code,
    before: { ...outcomeAnswer(before, code), trace: traces.before },
    after: { ...outcomeAnswer(after, code), trace: traces.after },
  };
}

function outcomeAnswer({ status, reason, sales }: LeadEnd, code: string) {
  return {
    status,
    reason,
    sales: sales.map(({ buyerId, price, payout, ...sale }) => ({
      buyer_id: buyerId,
      price: formatAmount(price, code),
      payout: formatAmount(payout, code),
      status: sale.status,
    })),
  };
}

const FIGURES = named(
  "SimulatedFigures",
  objectOf({
    leads: count,
    accepted: count,
    unmatched: count,
    duplicates: count,
    rejected: count,
    returned: { ...count, description: "Leads that their last buyer gave back." },
    held: { ...count, description: "Leads that are put aside, about which nobody decided on record." },
    not_taken: { ...count, description: "Leads that would not have been taken in." },
    sales: { ...count, description: "Those that stand." },
    undone: { ...count, description: "Sales that were refused or returned." },
    revenue: money,
    payouts: money,
    profit: money,
  }),
);

const COMPARED = {
  currency,
  before: FIGURES,
  after: FIGURES,
  differing: { ...count, description: "Leads that ended otherwise." },
};

const RESULT = named(
  "SimulationResult",
  objectOf({
    leads: { ...count, description: "Leads that were decided anew." },
    differing: count,
    left_out: {
      ...objectOf({ test: count, erased: count, pending: count }),
      description: "They stand as on record.",
    },
    totals: listOf(objectOf(COMPARED), "One for each currency."),
    campaigns: listOf(objectOf({ campaign_id: text, ...COMPARED })),
    suppliers: listOf(objectOf({ supplier_id: text, ...COMPARED })),
    buyers: listOf(
      objectOf({ buyer_id: text, ...COMPARED }),
      "A lead counts for each of its buyers, with what that one paid.",
    ),
    warnings: listOf(
      objectOf({ code: text, message: text, leads: { type: ["integer", "null"] }, buyers: listOf(text) }),
    ),
  }),
);

const LISTED = {
  id: text,
  state: wordOf(SIMULATION_STATES),
  since: time,
  until: time,
  campaigns: { type: ["array", "null"], items: text },
  requested_at: time,
  requested_by: { type: "string", description: "The operator, by the name of the key." },
  started_at: timeOrNull,
  finished_at: timeOrNull,
  progress: {
    ...objectOf({ leads: count, of: { type: ["integer", "null"] } }),
    description: "Leads decided so far, of about so many.",
  },
  failure: { ...textOrNull, description: "Why it failed, in a sentence." },
};

export const SIMULATION_LISTED = named("SimulationListed", objectOf(LISTED));
export const SIMULATION = named(
  "Simulation",
  objectOf({ ...LISTED, result: { anyOf: [RESULT, { type: "null" }] } }),
);

const OUTCOME = objectOf({
  status: { type: ["string", "null"], enum: [...RECORD_STATUSES, null], description: "Null: not taken in." },
  reason: { ...textOrNull, description: "The one word for why it ended so." },
  sales: listOf(objectOf({ buyer_id: text, price: money, payout: money, status: wordOf(SALE_STATUSES) })),
  trace: listOf(TRACE_LINE),
});

export const DIFFERING = named(
  "SimulatedLead",
  objectOf({
    id: text,
    campaign_id: text,
    supplier_id: text,
    currency,
    before: OUTCOME,
    after: OUTCOME,
  }),
);
