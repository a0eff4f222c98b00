import type { Campaign } from "#campaigns/campaign.ts";
import { decide } from "#intake/decide/decide.ts";
import { type Decision, isDoorRefusal } from "#intake/decide/decision.ts";
import type { Reading } from "#intake/decide/reading.ts";
import type { BatchState } from "#intake/decide/state.ts";
import { entryFor, type LeadEntry } from "#intake/lane/entry.ts";
import { followRefusal } from "#intake/lane/refusal.ts";
import { applyDecision, undoDecision } from "#intake/lane/state.ts";
import type { Arrived, Reopened } from "#leads/candidate.ts";
import type { Quote } from "#leads/quote.ts";
import { type Compared, type DifferingLead, isDifferent, type LeadEnd, outcomeSales } from "./comparison.ts";
import { createHappenings } from "./happenings.ts";
import { type NextReopening, nextReopening, type OpenLead, priorOf } from "./open-lead.ts";
import { createPeriods, partyName, type States } from "./opening.ts";
import { type PastAnswers, type PastLead, pastAnswersOf } from "./past-lead.ts";
import { createPeople, type Facts } from "./people.ts";
import { type KeptTerms, promiseFor } from "./promise.ts";
import { type ChangeOnRecord, countRecorded, recordedOf } from "./recorded.ts";

/** A lead that nothing more happens to. */
export interface FinishedLead extends Compared, Pick<DifferingLead, "traces"> {
  /** Buyers of which it is not on record what they would have bid, or answered when they are asked first. */
  unknown: OpenLead["unknown"];
}

export interface ReplayParts {
  states: States;
  /** By campaign. */
  terms: ReadonlyMap<string, KeptTerms>;
  finished(lead: FinishedLead): void;
}

export interface DueLeads {
  leads: Pick<OpenLead, "id" | "campaignId" | "supplierId" | "checks">[];
  until: number;
}

/** Past leads decided anew, in their order, each by what those before it have left. */
export interface Replay {
  /**
   * The leads that something happens to up to `until`; of many some `most`, and up to when that is. Undefined: nothing happens till then.
   */
  due(until: number, most: number): DueLeads | undefined;
  /** Takes facts for what is decided from here to the next `settle`. */
  prepare(facts: Facts): void;
  /** Decides a lead anew, after all that happens before it. */
  decide(lead: PastLead): void;
  /** Lets a lead stand as it is on record. */
  follow(lead: PastLead): void;
  /** Lets something happen that is on record and has to do with no lead that is decided anew. */
  expect(recorded: ChangeOnRecord): void;
  /** Lets all happen up to `at`. */
  moveTo(at: number): void;
  /** Keeps what the facts have become. */
  settle(): void;
}

/** Starts from the states. It asks no database and reads no clock. */
export function createReplay({ states, terms, finished }: ReplayParts): Replay {
  const happenings = createHappenings<ExpectedEvent>();
  const periods = createPeriods(states);
  const people = createPeople(states);
  const promises = createPromises(terms);
  const endpoints = createEndpoints();
  let readings: Facts["readings"] = new Map();

  function moveTo(at: number): void {
    for (let next = happenings.takeNext(at); next !== undefined; next = happenings.takeNext(at)) {
      periods.moveTo(next.at);
      if (next.kind === "recorded") countRecorded(states, next.recorded);
      else reopen(next.lead, next.reopening);
    }
  }

  function decideAnew(past: PastLead): void {
    moveTo(past.firstDecidedAt);
    periods.moveTo(past.firstDecidedAt);
    const onRecord = pastAnswersOf(past);
    const lead = openLead(past, onRecord);
    const state = states.get(past.campaignId);
    const reading = readings.get(past.id);
    endpoints.note(past.campaignId, onRecord.endpoints);
    if (state === undefined || reading === undefined) return finish(refused(lead, "campaign_gone", []));
    if (reading.isTest) return finish(refused(lead, "test_mode", []));
    state.down = endpoints.downIn(past.campaignId);
    const now = new Date(past.firstDecidedAt);
    const promise =
      state.campaign.mode === "direct" ? null : promises.of(past, { lead, reading, state, now });
    const arrived = arrivedLead(past, promise?.ping ?? null);
    const unknown = { ...lead.unknown, bids: promise?.unknown ?? [] };
    const parsed = { lead: arrived, reading };
    const decision = decide(parsed, state, now);
    if (isDoorRefusal(decision.ending)) {
      return finish(refused(lead, decision.ending.kind, decision.trace));
    }
    const entry = entryFor(parsed, decision, decision.ending, now);
    applyDecision(state, parsed, decision, now);
    const checks = assumedIn(decision, past);
    const open = { ...lead, ping: promise?.ping ?? null, unknown: { ...unknown, checks } };
    goOn(decided(open, entry, decision), state.campaign, now.getTime());
  }

  function reopen(lead: OpenLead, reopening: NextReopening): void {
    const state = states.get(lead.campaignId);
    const reading = readings.get(lead.id);
    if (state === undefined || reading === undefined) return finish(lead);
    const now = new Date(reopening.at);
    state.down = endpoints.downIn(lead.campaignId);
    const candidate = followRefusal(reopenedLead(lead, reopening, reading), state.campaign, now);
    const parsed = { lead: candidate, reading };
    undoDecision(state, candidate);
    const decision = decide(parsed, state, now);
    if (isDoorRefusal(decision.ending)) return finish(lead);
    const entry = entryFor(parsed, decision, decision.ending, now);
    applyDecision(state, parsed, decision, now);
    goOn(decided(happenedTo(lead, reopening, candidate), entry, decision), state.campaign, reopening.at);
  }

  function goOn(lead: OpenLead, campaign: Campaign, now: number): void {
    const reopening = nextReopening(lead, campaign, now);
    if (reopening === undefined) finish(lead);
    else happenings.put({ kind: "reopening", at: reopening.at, lead, reopening });
  }

  function finish(lead: OpenLead): void {
    const compared = finishedLead(lead);
    finished(compared);
    if (isDifferent(compared)) promises.differs(compared);
  }

  return {
    due(until, most) {
      const next = happenings.upTo(until, most);
      const last = next.at(-1);
      if (last === undefined) return undefined;
      return {
        leads: next.flatMap((each) => (each.kind === "reopening" ? [each.lead] : [])),
        until: next.length < most ? until : last.at,
      };
    },
    prepare(facts) {
      readings = facts.readings;
      people.prepare(facts);
    },
    decide: decideAnew,
    follow(past) {
      for (const recorded of recordedOf(past))
        happenings.put({ kind: "recorded", at: recorded.at, recorded });
      moveTo(past.firstDecidedAt);
    },
    expect: (recorded) => happenings.put({ kind: "recorded", at: recorded.at, recorded }),
    moveTo,
    settle: people.settle,
  };
}

/** What pings would have promised: who has sold more or less than on record is not taken at the word of then. */
function createPromises(terms: ReplayParts["terms"]) {
  /** Buyers, and suppliers in their campaigns. */
  const moved = new Set<string>();
  return {
    of(
      past: PastLead,
      { lead, ...facts }: { lead: OpenLead; reading: Reading; state: BatchState; now: Date },
    ): { ping: { quote: Quote; wants: string | null }; unknown: readonly string[] } {
      const { campaignId, supplierId } = past;
      const kept = terms.get(campaignId);
      const isLinkKept =
        kept?.ofSupplier(supplierId) === true && !moved.has(partyName(campaignId, supplierId));
      const isKept = (buyer: string) => isLinkKept && kept.ofBuyer(buyer) && !moved.has(buyer);
      const { quote, unknown } = promiseFor({ past, onRecord: lead.onRecord, ...facts, isKept });
      const isOffered = quote.bids.some(({ buyerId }) => buyerId === lead.onRecord.wants);
      return {
        ping: { quote, wants: isOffered ? lead.onRecord.wants : null },
        unknown,
      };
    },
    differs({ campaignId, supplierId, before, after }: Compared): void {
      for (const { buyerId } of [...before.sales, ...after.sales]) moved.add(buyerId);
      moved.add(partyName(campaignId, supplierId));
    },
  };
}

/** The buyers whose endpoints were down, by campaign, as the last lead there showed that says so. */
function createEndpoints() {
  const down = new Map<string, Set<string>>();
  return {
    note(campaignId: string, seen: PastAnswers["endpoints"]): void {
      const known = down.get(campaignId) ?? new Set();
      down.set(campaignId, known);
      for (const buyer of seen?.up ?? []) known.delete(buyer);
      for (const buyer of seen?.down ?? []) known.add(buyer);
    },
    downIn: (campaignId: string): ReadonlySet<string> => down.get(campaignId) ?? new Set(),
  };
}

type ExpectedEvent =
  | { kind: "reopening"; at: number; lead: OpenLead; reopening: NextReopening }
  | { kind: "recorded"; at: number; recorded: ChangeOnRecord };

function openLead(past: PastLead, onRecord: OpenLead["onRecord"]): OpenLead {
  const { id, campaignId, supplierId, status, reason, trace, sales, firstDecidedAt } = past;
  return {
    id,
    campaignId,
    supplierId,
    currency: past.currency,
    before: { status, reason, sales: outcomeSales(sales) },
    traces: { before: trace, after: [] },
    onRecord,
    ping: null,
    standing: {
      status: null,
      reason: null,
      sales: [],
      former: [],
      duplicateOf: null,
      decidedAt: firstDecidedAt,
      firstDecidedAt,
    },
    held: new Set(),
    refusedBy: new Set(),
    mayHave: new Set(),
    happened: new Set(),
    checks: past.checks,
    unknown: { bids: [], answers: [], checks: [] },
  };
}

function refused(lead: OpenLead, why: string, trace: OpenLead["traces"]["after"]): OpenLead {
  return {
    ...lead,
    standing: { ...lead.standing, status: null, reason: why },
    traces: { ...lead.traces, after: trace },
  };
}

/** The checks that were asked, and of which it is only assumed what they found. */
function assumedIn({ trace }: Decision, { assumed }: PastLead): string[] {
  const passed = trace.flatMap((line) =>
    line.check === "checks" && "detail" in line ? (line.detail?.passed ?? []) : [],
  );
  return assumed.filter((id) => passed.includes(id));
}

/** A past lead as it came then. */
export function arrivedLead(
  {
    id,
    campaignId,
    supplierId,
    body,
    checks,
  }: Pick<PastLead, "id" | "campaignId" | "supplierId" | "body" | "checks">,
  ping: Arrived["ping"],
): Arrived {
  return {
    kind: "arrived",
    id,
    requestId: "",
    campaignId,
    supplierId,
    body,
    checks,
    // The keys of then don't matter: it was taken in.
    keyId: null,
    idempotency: null,
    ping,
  };
}

function reopenedLead(lead: OpenLead, reopening: NextReopening, { kept }: Reading): Reopened {
  const { id, campaignId, supplierId, ping, checks } = lead;
  return {
    kind: "reopened",
    id,
    requestId: "",
    campaignId,
    supplierId,
    body: kept,
    checks,
    idempotency: null,
    ping,
    prior: priorOf(lead, reopening),
  };
}

function happenedTo(lead: OpenLead, reopening: NextReopening, { prior }: Reopened): OpenLead {
  const answers = reopening.kind === "answers" ? reopening.unknown : [];
  return {
    ...lead,
    happened: new Set([...lead.happened, reopening.name]),
    refusedBy: prior.refusedBy,
    mayHave: prior.mayHave,
    unknown: { ...lead.unknown, answers: [...lead.unknown.answers, ...answers] },
  };
}

function decided(lead: OpenLead, entry: LeadEntry, { trace }: Decision): OpenLead {
  const { status, reason, sales, former, duplicateOf, decidedAt, firstDecidedAt } = entry;
  return {
    ...lead,
    standing: { status, reason, sales, former, duplicateOf, decidedAt, firstDecidedAt },
    held: new Set([...lead.held, ...sales.map(({ buyerId }) => buyerId)]),
    traces: { ...lead.traces, after: [...lead.traces.after, ...trace] },
  };
}

function finishedLead({
  id,
  campaignId,
  supplierId,
  currency,
  before,
  standing,
  traces,
  unknown,
}: OpenLead): FinishedLead {
  const after: LeadEnd = {
    status: standing.status,
    reason: standing.reason,
    sales: outcomeSales([...standing.sales, ...standing.former]),
  };
  return { leadId: id, campaignId, supplierId, currency, before, after, traces, unknown };
}
