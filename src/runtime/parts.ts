import { createDailyBytes } from "#access/daily-bytes.ts";
import { writeOperatorKeyUses, writePartyKeyUses } from "#access/key-use-records.ts";
import { openKeyUses } from "#access/key-uses.ts";
import { createKeyring, type Keyring } from "#access/keyring.ts";
import { createLoginThrottle } from "#access/login-throttle.ts";
import { type OperatorParts, operatorGates } from "#access/sessions/operator-gate.ts";
import { partyCallers } from "#access/sessions/party-caller.ts";
import { relyingPartyOf } from "#access/sessions/passkey.ts";
import { createSessions } from "#access/sessions/session.ts";
import { COUNTED_ALONE } from "#access/shared-counts.ts";
import { type LinkTarget, signedLink } from "#access/signed-link.ts";
import type { ServerFacts } from "#admin/parts.ts";
import { createCampaignCache } from "#campaigns/campaign-cache.ts";
import { type Database, readWhatIsThere } from "#database/database.ts";
import { type Delivery, type DeliveryParts, openDelivery } from "#delivery/delivery.ts";
import { isRefusedUrl } from "#delivery/transport/address.ts";
import { openDropping } from "#erasure/dropping.ts";
import { openErasure } from "#erasure/erasure.ts";
import { clientNetworks } from "#http/client-address.ts";
import { openHoldLimit } from "#intake/held/hold-limit.ts";
import { type ImportParts, importLeads, type LeadsToImport } from "#intake/ingest/import-leads.ts";
import { type Lanes, openLanes } from "#intake/lane/lane.ts";
import { openFirstReads } from "#intake/reads/first-reads.ts";
import { openRecovery } from "#intake/recover.ts";
import { openSettlement } from "#intake/settle.ts";
import { openShares } from "#intake/shares/shares.ts";
import { type LeadToSimulate, simulateLead } from "#intake/simulate.ts";
import { openTurns } from "#intake/turns.ts";
import { type LoginMails, openLoginMails } from "#login/login-mails.ts";
import { openPeers, type Peers, type PeersParts } from "#peers/peers.ts";
import { openAuctions } from "#ping/auction.ts";
import { createTokens, type TokenKeys } from "#ping/token.ts";
import { openReportMails } from "#report-mails/report-mails.ts";
import { openAcceptance } from "#returns/acceptance.ts";
import type { Siblings } from "#runtime/copies/siblings.ts";
import { openSimulations } from "#simulations/simulations.ts";
import { observedDatabase } from "#telemetry/instrumented-database.ts";
import { createMetrics, type Metrics } from "#telemetry/metrics.ts";
import type { Cidr } from "#text/cidr.ts";
import { JOBS_OF_ONE, type Jobs } from "#time/jobs.ts";
import type { Running } from "#time/running.ts";
import { openDaySums } from "#watch/day-sums.ts";
import { openMonths } from "#watch/months.ts";
import { openWatch } from "#watch/watch.ts";
import { openDiskWatch } from "./disk-watch.ts";
import { errandsHere, handedOn } from "./errands.ts";
import { runningIn } from "./roles.ts";
import { serverFacts } from "./server-facts.ts";

/** What a server is told. */
export interface ServerConfig extends Omit<DeliveryParts, "random" | "observer" | "jobs"> {
  version: string;
  /** Whether /metrics is for everyone who reaches the server, or for operators. */
  metrics: "open" | "keyed";
  /** Whether what is below /docs is for everybody, or for who has a key or a link. */
  docs: "open" | "keyed";
  /** Keys the hashes that people are compared by. */
  pepper: Uint8Array;
  /** Sign and close what pings are promised. */
  tokenKeys: TokenKeys;
  operatorKey: string;
  /** Proxies whose X-Forwarded-For says where a request comes from. */
  trustedProxies: readonly Cidr[];
  /** Where callers reach the server, without a slash at the end; absent: wherever they say that they did. */
  publicUrl?: string | undefined;
  /** Leads decided in one transaction, and leads that may wait for one campaign. */
  maxBatch: number;
  queueLimit: number;
  /** Campaigns that may wait at once for others who hold them, each with a connection for writing. */
  mostWaiting: number;
  /** How long a lead may wait, in ms. */
  waitLimitMs: number;
  /** What each supplier may have stored in a day; 0: any number of bytes. */
  supplierBytesPerDay: number;
  /** Requests that one address may have answered at once; 0: any number. */
  requestsPerAddress: number;
  /** Where the embedded database is, and how much room there must be; absent: another machine's disk. */
  disk?: { directory: string; floorBytes: number } | undefined;
  /** The settings that it goes by, as operators may see them. */
  settings: ServerFacts["settings"];
  /** The other copies of it on this machine; absent: there are none. */
  siblings?: Siblings | undefined;
  /** How it speaks to other servers of the same database; absent: there can be none. */
  peers?: Pick<PeersParts, "key" | "copy" | "address"> | undefined;
}

const STRANGER_FORWARDS =
  "a request came with X-Forwarded-For from an address that LEADGATE_TRUSTED_PROXIES does not name: if that is a proxy of " +
  "yours, name it; until then all who come through it count as one address, also for keys that are not valid";

/** What settles what others left. */
const SETTLERS = [openRecovery, openSettlement, openAcceptance, openHoldLimit];

/** What is known of requests where they come in. */
interface Requests {
  /** The address of the other end of a request's connection. */
  peerOf(request: Request): string | undefined;
  /** How many have begun so far. */
  requestsBegun(): number;
}

/** Makes the parts and puts them together; nothing runs yet. */
export function openParts(config: ServerConfig, { peerOf, requestsBegun }: Requests) {
  const { pepper, clock, log, tracing } = config;
  const metrics = createMetrics({ version: config.version, database: config.database.kind, clock });
  const { observer } = metrics;
  const database = observedDatabase(config.database, observer, clock, tracing);
  const campaignCache = createCampaignCache(database, pepper);
  const counting = countingOf(config);
  const { clientNetwork, strangersForward } = watchedNetworks(config);
  const addressOf = (request: Request) =>
    clientNetwork(peerOf(request), request.headers.get("x-forwarded-for"));
  const partyKeyUses = openKeyUses({ database, log }, writePartyKeyUses);
  const operatorKeyUses = openKeyUses({ database, log }, writeOperatorKeyUses);
  const keyring = createKeyring({ ...counting, database, clock, addressOf, used: partyKeyUses.used });
  const peers = peersOf(config, database, () => lanes);
  const jobs = peers?.jobs ?? JOBS_OF_ONE;
  const delivery = openDelivery({ ...config, database, observer, jobs, random: Math.random });
  const shares = database.isSpread ? openShares({ database, clock, tell: delivery.tell }) : undefined;
  const deciding = { database, campaignCache, outbox: delivery, clock, shares };
  const lanes = openLanes({ ...deciding, log, observer, tracing, peers }, config);
  const auctions = openAuctions({ ...deciding, bidders: delivery }, config);
  const firstRead = openFirstReads(database, config);
  const settling = { database, lanes, outbox: delivery, clock, log, peers };
  const shown = shownToOperators(database);
  const errands = errandsHere({ ...settling, database: shown });
  const disk = config.disk === undefined ? undefined : openDiskWatch({ ...config.disk, log });
  const settlers = SETTLERS.map((open) => open({ ...settling, database: shown, jobs }));
  const { operators, ...logins } = loginsOf(config, {
    database,
    keyring,
    delivery,
    attempts: counting.attempts,
    addressOf,
    operatorKeyUsed: operatorKeyUses.used,
  });
  const { erasure, simulations, others } = jobsOf(config, { database, delivery, jobs, requestsBegun });
  const running = runningIn({
    front: [auctions],
    lanes: [lanes],
    jobs: [...settlers, erasure, simulations, ...others, ...thoseOf(logins.loginMails, disk)],
    sender: [delivery],
    peers: peers === undefined ? [] : [peers],
    notes: [partyKeyUses, operatorKeyUses, ...(tracing === undefined ? [] : [tracing])],
  });
  const stopped = new AbortController();
  const turns = openTurns();
  const isDiskLow = disk?.isLow ?? (() => false);
  const admin = {
    operators,
    sessions: logins.sessions,
    log,
    stopping: stopped.signal,
    database: shown,
    pepper,
    secretKey: config.secretKey,
    keysChanged: keyring.forget,
    wake: delivery.wake,
    tell: delivery.tell,
    tellIn: delivery.tellIn,
    testPing: delivery.testPing,
    wakeErasure: erasure.wake,
    wakeSimulations: simulations.wake,
    simulate: simulation(deciding),
    ...handedOn(errands, peers),
    importLeads: importing({ ...settling, ...deciding, turns, isDiskLow, pepper, firstRead }, delivery),
    turns,
    docsLink: docsLinks(config),
    publicUrl: config.publicUrl,
    facts: serverFacts(config, delivery, strangersForward),
    invite: logins.loginMails?.invite ?? null,
    mailIsSetUp: config.mail !== null,
    isRefused: (url: string) => isRefusedUrl(url, config.allowedCidrs),
    lastUse: (keyId: string) => partyKeyUses.lastUse(keyId) ?? operatorKeyUses.lastUse(keyId),
    now: () => clock.now(),
  };
  return {
    ...config,
    ...counting,
    ...metricsTexts(metrics, stateOf(lanes, delivery, peers), config.siblings),
    ...deciding,
    observer,
    keyring,
    ...logins,
    now: () => clock.now(),
    delivery,
    lanes,
    peers,
    tokens: createTokens(config.tokenKeys),
    auctions,
    firstRead,
    admin,
    errands,
    turns,
    isDiskLow,
    addressOf,
    running,
    stopped,
  };
}

/** What is done by the clock, apart from what settles what others left. */
function jobsOf(
  { pepper, clock, log, mail }: ServerConfig,
  {
    database,
    delivery,
    jobs,
    requestsBegun,
  }: { database: Database; delivery: Delivery; jobs: Jobs } & Pick<Requests, "requestsBegun">,
) {
  const parts = { database, pepper, clock, log, jobs };
  const { tell } = delivery;
  const watch = openWatch({ ...parts, tell });
  const reportMails = mail === null ? [] : [openReportMails({ ...parts, mails: delivery })];
  return {
    erasure: openErasure(parts),
    simulations: openSimulations({ ...parts, requestsBegun }),
    others: [watch, openDaySums(parts), openMonths(parts), openDropping({ ...parts, tell }), ...reportMails],
  };
}

/** What callers may do only so often, counted together with the other copies of the server. */
function countingOf({ siblings, clock, supplierBytesPerDay }: ServerConfig) {
  const sharedCounts = siblings?.counts ?? COUNTED_ALONE;
  const { elapsedMs } = clock;
  return {
    sharedCounts,
    attempts: createLoginThrottle(elapsedMs, sharedCounts),
    dailyBytes: createDailyBytes(supplierBytesPerDay, { shared: sharedCounts, elapsedMs }),
  };
}

/** The other servers of the database, where there can be any. */
function peersOf({ peers, clock, log, version }: ServerConfig, database: Database, lanes: () => Lanes) {
  const queue = () => [...lanes().waiting()].reduce((sum, [, leads]) => sum + leads, 0);
  return peers === undefined ? undefined : openPeers({ ...peers, database, clock, log, version, queue });
}

/** What is shown of the figures of all copies of the server, whichever of them is asked. */
function metricsTexts(
  { figures, text, contentType }: Metrics,
  state: Parameters<Metrics["text"]>[0],
  siblings: Siblings | undefined,
) {
  siblings?.tellFigures(() => figures(state));
  return {
    metricsContentType: contentType,
    metricsText: async () => text(state, (await siblings?.askFigures()) ?? []),
  };
}

/** Who is let in: operators by key or session, suppliers and buyers too, and who is sent a link to log in. */
function loginsOf(
  config: ServerConfig,
  parts: Pick<OperatorParts, "database" | "attempts" | "addressOf" | "operatorKeyUsed"> & {
    keyring: Keyring;
    delivery: Delivery;
  },
) {
  const { operatorKey, publicUrl, clock } = config;
  const relyingParty = relyingPartyOf(publicUrl);
  const known = { ...parts, operatorKey, relyingParty, now: () => clock.now() };
  const sessions = createSessions(known);
  return {
    sessions,
    relyingParty,
    operators: operatorGates({ ...known, sessions }),
    callers: partyCallers(parts.keyring, sessions),
    loginMails: loginMailsOf(config, parts),
  };
}

/** Null: no e-mail can be sent, or it is not known where its links would lead. */
function loginMailsOf(
  { mail, publicUrl, clock, log }: ServerConfig,
  { database, delivery }: { database: Database; delivery: Delivery },
): LoginMails | null {
  if (mail === null || publicUrl === undefined) return null;
  return openLoginMails({ database, log, publicUrl, send: delivery.mailNow, now: () => clock.now() });
}

/** Those of the parts that there are. */
function thoseOf(...parts: readonly (Running | null | undefined)[]): Running[] {
  return parts.filter((part) => part !== null && part !== undefined);
}

/** Names where requests come from, and remembers whether a stranger has sent X-Forwarded-For. */
function watchedNetworks({ trustedProxies, log }: ServerConfig) {
  let hasForwarded = false;
  const clientNetwork = clientNetworks(trustedProxies, () => {
    hasForwarded = true;
    log.warn(STRANGER_FORWARDS);
  });
  return { clientNetwork, strangersForward: () => hasForwarded };
}

/** What metrics ask for. */
function stateOf(lanes: Lanes, delivery: Delivery, peers: Peers | undefined): Parameters<Metrics["text"]>[0] {
  return {
    lanes: lanes.waiting,
    servers: () => peers?.known(),
    deliveriesInFlight: delivery.inFlight,
    endpoints: delivery.endpoints,
    outbox: () => delivery.outboxState().catch(() => undefined),
  };
}

function docsLinks({ publicUrl, pepper }: ServerConfig) {
  return (target: LinkTarget, expiresAt: Date) =>
    `${publicUrl ?? ""}${signedLink(target, expiresAt, pepper)}`;
}

/** What operators look at, and what is settled by the clock, while nodes of Citus are away: what is on the others. */
function shownToOperators(database: Database): Database {
  if (!database.isSpread) return database;
  const read = readWhatIsThere(database);
  return { ...database, read, survey: read };
}

/** On one database each server may as well take in what is imported by it. */
function importing({ peers, ...parts }: Omit<ImportParts, "checkers">, checkers: ImportParts["checkers"]) {
  const others = parts.database.isSpread ? peers : undefined;
  return (rows: LeadsToImport) => importLeads(rows, { ...parts, peers: others, checkers });
}

function simulation(parts: Parameters<typeof simulateLead>[1]) {
  return (lead: LeadToSimulate) => simulateLead(lead, parts);
}
