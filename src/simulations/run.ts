import { type Campaign, compileCampaign } from "#campaigns/campaign.ts";
import { readSurroundings } from "#campaigns/campaign-records.ts";
import type { CampaignDefinition } from "#campaigns/definition.ts";
import { readConfiguration } from "#configuration/configuration-records.ts";
import { withDefaults } from "#configuration/defaults.ts";
import type { IdentifiedDocument } from "#configuration/identify.ts";
import { wholeCampaigns } from "#configuration/whole-campaigns.ts";
import type { Database } from "#database/database.ts";
import { parseLead, type Reading } from "#intake/decide/reading.ts";
import { readSuppressedKeys } from "#intake/lane/read-records.ts";
import { readFieldsOf } from "#leads/lead-fields-records.ts";
import { readRecordsBegin } from "#ledger/dropped-records.ts";
import { type Comparison, type DifferingLead, isDifferent, startComparison } from "./comparison.ts";
import type { Unknown } from "./open-lead.ts";
import { openStates } from "./opening.ts";
import type { Pace } from "./pace.ts";
import { asIfChecked, type PastLead } from "./past-lead.ts";
import {
  countPastLeads,
  type PastWindow,
  type PlaceInOrder,
  pastLeadOf,
  placeAt,
  placeBehind,
  readOfEarlierLeads,
  readPastLeads,
  readPayments,
  readRememberedBefore,
  type StoredLead,
} from "./past-records.ts";
import { buyerKeysIn, duplicateKeysIn, type Facts } from "./people.ts";
import { keptTerms } from "./promise.ts";
import { openingAt } from "./read-opening.ts";
import { arrivedLead, createReplay, type FinishedLead, type Replay } from "./replay.ts";

/** Which leads are to be decided anew, by which document. */
export interface SimulationOrder {
  /** As it would be stored: without problems, its secrets sealed. */
  document: IdentifiedDocument;
  /** Leads decided from this moment on, and before that, in ms since 1970. */
  since: number;
  until: number;
  /** Null: all. */
  campaigns: readonly string[] | null;
}

export interface SimulationResult extends Comparison {
  /** From when on leads are on record, in ms since 1970, where that is later than was asked for. */
  begins?: number;
  /** Leads that were decided anew. */
  leads: number;
  differing: number;
  leftOut: { test: number; erased: number; pending: number };
  /** Leads, and buyers or checks of which it is not on record what they would have bid, answered or found. */
  unknown: Record<Unknown, { leads: number; who: string[] }>;
}

export interface RunParts {
  database: Database;
  pepper: Uint8Array;
  pace: Pace;
  /** In ms since 1970. */
  now: number;
  /** Told how far it is; what it throws ends the simulation. */
  progress(leads: number, of: number): Promise<void>;
  /** Told of leads that ended otherwise, those that are kept. */
  keep(leads: readonly DifferingLead[]): Promise<void>;
}

/** So many of the leads that differ are kept with their traces. */
export const MOST_KEPT = 1000;
/** Leads read and decided at once: what is made for all of them in one go, such as whom they are compared with, took 8 ms for 500. */
const PAGE = 200;

/**
 * Decides leads on record anew, in their order, by the same decision as the lane and by what the leads before each have left. Nothing is
 * recorded and nobody asked. Memory holds three pages, and in few bytes whom later leads are compared with.
 */
export async function runSimulation(asked: SimulationOrder, parts: RunParts): Promise<SimulationResult> {
  const { database, pace } = parts;
  const begin = await database.read((db) => readRecordsBegin(db, new Date(parts.now)));
  const order = { ...asked, since: Math.max(asked.since, begin ?? asked.since) };
  const scope = await readScope(order, parts);
  const { window, campaigns } = scope;
  const of = await database.read((db) => countPastLeads(db, window));
  const opening = await openingAt({
    database,
    campaigns: [...campaigns.values()],
    inForce: scope.inForce,
    at: order.since,
    now: parts.now,
    async rest() {
      await pace.rest();
      await parts.progress(0, of);
    },
  });
  const counting = startCounting();
  const replay = createReplay({
    states: openStates(campaigns.values(), opening, order.since),
    terms: new Map(
      [...scope.wanted].map(([id, definition]) => [id, keptTerms(scope.inForce.get(id) ?? null, definition)]),
    ),
    finished: counting.finished,
  });
  await expectOthers(replay, scope, order, parts);
  const running = { ...parts, scope, replay, counting, since: order.since };
  let leads = 0;
  for await (const page of oneBehind(readPastPages(running))) {
    await decidePage(page, running);
    leads += page.leads.length;
    await parts.progress(leads, Math.max(of, leads));
  }
  await letHappen(Number.POSITIVE_INFINITY, running);
  return { ...counting.result(), ...(order.since === asked.since ? {} : { begins: order.since }) };
}

interface RunningSimulation extends RunParts {
  scope: Scope;
  replay: Replay;
  counting: Counting;
  since: number;
}

/** Leads that come one after another, and what they are decided by. */
interface PastPage {
  leads: readonly PastLead[];
  facts: Promise<Facts>;
}

/** Reads the window page by page. While one is dealt with, the database already looks for the next. */
async function* readPastPages(running: RunningSimulation): AsyncGenerator<PastPage> {
  const { database, scope, since } = running;
  const readBehind = (place: PlaceInOrder) =>
    awaitedLater(database.read((db) => readPastLeads(db, scope.window, place, PAGE)));
  let next: ReturnType<typeof readBehind> | undefined = readBehind(placeAt(since));
  while (next !== undefined) {
    const stored: readonly StoredLead[] = await next;
    const last = stored.at(-1);
    next = last === undefined || stored.length < PAGE ? undefined : readBehind(placeBehind(last));
    if (last !== undefined) yield await understandPage(stored, running);
  }
}

/** Its facts are asked for, and not waited for. */
async function understandPage(stored: readonly StoredLead[], running: RunningSimulation): Promise<PastPage> {
  const { scope, pace } = running;
  const readings = new Map<string, Reading>();
  const leads: PastLead[] = [];
  for (const each of stored) {
    const read = pastLeadOf(each);
    const lead = asIfChecked(read, scope.campaigns.get(read.campaignId));
    leads.push(lead);
    if (isDecided(lead, scope)) readUnderstood(lead, lead.body, readings, scope);
    if (pace.isDue()) await pace.rest();
  }
  return { leads, facts: awaitedLater(factsFor(readings, running)) };
}

/** Hands each on once the next one is there, and the last one at the end. */
async function* oneBehind<Each>(all: AsyncIterable<Each>): AsyncGenerator<Each> {
  let before: Each | undefined;
  for await (const each of all) {
    if (before !== undefined) yield before;
    before = each;
  }
  if (before !== undefined) yield before;
}

/** Whatever breaks off before it is awaited is not the process's fault. */
function awaitedLater<Answer>(answer: Promise<Answer>): Promise<Answer> {
  answer.catch(() => undefined);
  return answer;
}

interface Scope {
  window: PastWindow;
  /** Those that are decided by, compiled from the document. */
  campaigns: ReadonlyMap<string, Campaign>;
  wanted: ReadonlyMap<string, CampaignDefinition>;
  inForce: ReadonlyMap<string, CampaignDefinition>;
  /** Those whose leads are decided anew; the leads of others that share their buyers stand as they are on record. */
  decided: ReadonlySet<string>;
}

async function readScope(
  { document, since, until, campaigns: asked }: SimulationOrder,
  { database, pepper }: RunParts,
): Promise<Scope> {
  const stored = await readConfiguration(database);
  const wanted = definitionsIn(document);
  const inForce = stored === null ? new Map<string, CampaignDefinition>() : definitionsIn(stored.document);
  const decided = new Set(asked ?? [...wanted.keys(), ...inForce.keys()]);
  const campaigns = new Map<string, Campaign>();
  for (const [id, definition] of wanted) {
    const around = await database.read((db) => readSurroundings(db, definition));
    campaigns.set(id, compileCampaign({ revision: 0, definition, ...around }, pepper));
  }
  const counted = new Set([...decided].flatMap((id) => campaigns.get(id)?.countedBuyers ?? []));
  for (const [id, { countedBuyers }] of campaigns) {
    if (!decided.has(id) && !countedBuyers.some((buyer) => counted.has(buyer))) campaigns.delete(id);
  }
  const window = { campaigns: [...new Set([...decided, ...campaigns.keys()])], since, until };
  return { window, campaigns, wanted, inForce, decided };
}

function definitionsIn(document: IdentifiedDocument): Map<string, CampaignDefinition> {
  return new Map(wholeCampaigns(withDefaults(document)).map((campaign) => [campaign.id, campaign]));
}

/** What happens to caps and money meanwhile that is of no lead that is decided anew. */
async function expectOthers(
  replay: Replay,
  { campaigns }: Scope,
  { since }: SimulationOrder,
  { database }: RunParts,
): Promise<void> {
  const paying = [...campaigns.values()].flatMap(({ contracts }) =>
    contracts.flatMap(({ buyerId, creditLimit }) => (creditLimit === null ? [] : [buyerId])),
  );
  const [payments, others] = await database.read((db) =>
    Promise.all([readPayments(db, [...new Set(paying)], since), readOfEarlierLeads(db, since)]),
  );
  for (const recorded of [...payments, ...others]) replay.expect(recorded);
}

/** Decides a page of leads, and what happens until then to those before. */
async function decidePage({ leads, facts }: PastPage, running: RunningSimulation): Promise<void> {
  const { scope, replay, counting, pace, keep } = running;
  const [first, last] = [leads.at(0), leads.at(-1)];
  if (first === undefined || last === undefined) return;
  await letHappen(first.firstDecidedAt - 1, running);
  const until = last.firstDecidedAt;
  const due = replay.due(until, Number.POSITIVE_INFINITY);
  const ofOthers = await factsFor(await readAgain(due?.leads ?? [], running), running);
  const known = together(await facts, ofOthers);
  if (pace.isDue()) await pace.rest();
  replay.prepare(known);
  for (const lead of leads) {
    if (scope.decided.has(lead.campaignId)) counting.leaveOut(lead);
    if (isDecided(lead, scope)) replay.decide(lead);
    else replay.follow(lead);
    if (pace.isDue()) await pace.rest();
  }
  replay.moveTo(until);
  replay.settle();
  await keep(counting.takeDiffering());
}

function together(one: Facts, other: Facts): Facts {
  if (other.readings.size === 0) return one;
  return {
    readings: new Map([...one.readings, ...other.readings]),
    suppressed: new Map([...one.suppressed, ...other.suppressed]),
    earlier: new Map([...one.earlier, ...other.earlier]),
    receivedByBuyer: new Map([...one.receivedByBuyer, ...other.receivedByBuyer]),
  };
}

/** Lets all happen up to `until` that follows of the leads before. */
async function letHappen(until: number, running: RunningSimulation): Promise<void> {
  const { replay, counting, pace, keep } = running;
  for (let due = replay.due(until, PAGE); due !== undefined; due = replay.due(until, PAGE)) {
    replay.prepare(await factsFor(await readAgain(due.leads, running), running));
    replay.moveTo(due.until);
    replay.settle();
    await keep(counting.takeDiffering());
    if (pace.isDue()) await pace.rest();
  }
}

function isDecided({ campaignId, isTest, isErased, status }: PastLead, { decided }: Scope): boolean {
  return decided.has(campaignId) && !isTest && !isErased && status !== "PENDING";
}

type Named = Pick<PastLead, "id" | "campaignId" | "supplierId" | "checks">;

/** Reads what was understood of a lead by what its campaign would be; of one that the document has not, there is nothing to read. */
function readUnderstood(
  lead: Named,
  body: PastLead["body"],
  into: Map<string, Reading>,
  { campaigns }: Scope,
): void {
  const campaign = campaigns.get(lead.campaignId);
  if (campaign === undefined) return;
  const isForRecord = false;
  into.set(lead.id, parseLead(arrivedLead({ ...lead, body }, null), campaign, isForRecord));
}

/** The same of leads that were decided before and are not in memory any more. */
async function readAgain(
  leads: readonly Named[],
  { database, scope }: RunningSimulation,
): Promise<Map<string, Reading>> {
  const readings = new Map<string, Reading>();
  if (leads.length === 0) return readings;
  const fields = await database.read((db) =>
    readFieldsOf(
      db,
      leads.map(({ id }) => id),
    ),
  );
  for (const lead of leads) readUnderstood(lead, fields.get(lead.id) ?? {}, readings, scope);
  return readings;
}

/** Whom the leads are compared with, and on which lists they stand. */
async function factsFor(
  readings: ReadonlyMap<string, Reading>,
  { database, since }: RunningSimulation,
): Promise<Facts> {
  if (readings.size === 0) return NO_FACTS;
  const all = [...readings.values()];
  const keys = { ofCampaigns: all.flatMap(duplicateKeysIn), ofBuyers: all.flatMap(buyerKeysIn) };
  const suppressionKeys = all.flatMap((reading) => reading.suppressionKeys.map(({ key }) => key));
  const [remembered, suppressed] = await database.lookUp((db) =>
    Promise.all([readRememberedBefore(db, keys, since), readSuppressedKeys(db, suppressionKeys)]),
  );
  return { readings, suppressed, ...remembered };
}

const NO_FACTS: Facts = {
  readings: new Map(),
  suppressed: new Map(),
  earlier: new Map(),
  receivedByBuyer: new Map(),
};

/** What comes of all leads together. */
interface Counting {
  finished(lead: FinishedLead): void;
  leaveOut(lead: PastLead): void;
  /** Those that differ since it was called last, as long as they are kept. */
  takeDiffering(): DifferingLead[];
  result(): SimulationResult;
}

function startCounting(): Counting {
  const comparing = startComparison();
  const leftOut = { test: 0, erased: 0, pending: 0 };
  const unknown = { bids: noDoubts(), answers: noDoubts(), checks: noDoubts() };
  let differing: DifferingLead[] = [];
  let [leads, different] = [0, 0];
  return {
    finished({ unknown: doubts, ...lead }) {
      comparing.add(lead);
      leads += 1;
      for (const what of ["bids", "answers", "checks"] as const) {
        if (doubts[what].length > 0) unknown[what].leads += 1;
        for (const who of doubts[what]) unknown[what].who.add(who);
      }
      if (!isDifferent(lead)) return;
      if (different < MOST_KEPT) differing.push(lead);
      different += 1;
    },
    leaveOut({ isTest, isErased, status }) {
      if (isTest) leftOut.test += 1;
      else if (isErased) leftOut.erased += 1;
      else if (status === "PENDING") leftOut.pending += 1;
    },
    takeDiffering() {
      const taken = differing;
      differing = [];
      return taken;
    },
    result: () => ({
      ...comparing.result(),
      leads,
      differing: different,
      leftOut,
      unknown: {
        bids: doubtsOf(unknown.bids),
        answers: doubtsOf(unknown.answers),
        checks: doubtsOf(unknown.checks),
      },
    }),
  };
}

interface Doubts {
  leads: number;
  who: Set<string>;
}

function noDoubts(): Doubts {
  return { leads: 0, who: new Set() };
}

function doubtsOf({ leads, who }: Doubts): { leads: number; who: string[] } {
  return { leads, who: [...who].toSorted() };
}
