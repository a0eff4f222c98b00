import type { DatabaseStatus } from "#database/engine/database-status.ts";
import { parseCidr } from "#text/cidr.ts";
import { isMapping, type Mapping } from "#text/problem.ts";
import {
  type Finding,
  fail,
  type JudgedSettings,
  ok,
  onDatabase,
  onDisk,
  onSettings,
  warn,
} from "./doctor-checks.ts";

/** For how long what is due may wait before that is told of, in seconds: a delivery that is retried is not due meanwhile. */
const LONG_DUE_SECONDS = 300;

/** What a running server says of itself: see `GET /admin/condition`. */
export interface ServerCondition {
  version: string;
  host: string;
  settings: Mapping;
  database: DatabaseStatus;
  /** Of Citus, those that campaigns are on; null: the database is no such. */
  nodes: readonly Mapping[] | null;
  /** Whether the standby of DATABASE_READ_URL is read; null: none is set. */
  readsStandby: boolean | null;
  disk: { freeBytes: number; floorBytes: number } | null;
  outbox: { pending: number; dead: number; oldestDueSeconds: number };
  endpoints: { up: number; down: number; paused: number; notUp: readonly Mapping[] };
  /** Whose stored secrets do not open, as `listEndpoints` names them. */
  locked: readonly Mapping[];
  mail: { answers: boolean | null; neededBy: readonly string[] };
  strangersForward: boolean;
  /** Of a month that is over for records_days and is kept; null: there is none. */
  heldBack: { before: string; leads: number; deliveries: number; returns: number; one: string } | null;
}

/** How long a server may be silent that says every ten seconds that it is there, in seconds. */
const THERE_SECONDS = 25;

/** The servers of an installation, as `listServers` names them; `version` is that of the one that was asked. One alone is not listed. */
export function onServers(servers: readonly Mapping[], version: string): Finding[] {
  const about = "servers";
  const name = (each: Mapping | undefined) => `${String(each?.version)} on ${String(each?.host)}`;
  const there = servers.filter((each) => numberAt(each, "seen_seconds_ago") <= THERE_SECONDS);
  const silent = servers.filter((each) => !there.includes(each));
  const others = there.filter((each) => each.version !== version);
  return [
    ...(others.length === 0
      ? []
      : [
          warn(
            about,
            `${counted(others.length, "is", "are")} of another version than ${version}, such as ${name(others[0])}: they hand each other ` +
              "no leads, and do all jobs twice. Upgrade them, or stop them.",
          ),
        ]),
    ...(silent.length === 0
      ? []
      : [
          warn(
            about,
            `${counted(silent.length, "is", "are")} silent and did not stop in order, such as ${name(silent[0])}: see whether it ` +
              "died. What is silent for an hour is forgotten.",
          ),
        ]),
    ...(there.length > 0 && others.length + silent.length === 0
      ? [ok(about, counted(there.length, "is there", "are there"))]
      : []),
  ];
}

/**
 * Whether each node that campaigns are on has a server, as `listServers` names them: leads of a node without one are refused. To one that
 * is silent nobody hands any.
 */
export function onNodes(nodes: readonly Mapping[], servers: readonly Mapping[]): Finding[] {
  const about = "nodes";
  const there = servers.filter((each) => numberAt(each, "seen_seconds_ago") <= THERE_SECONDS);
  const isServed = (node: unknown) => there.some((each) => each.node === node);
  const unserved = nodes.filter(({ node }) => !isServed(node));
  const idle = there.filter((each) => nodes.every(({ node }) => node !== each.node));
  const away = nodes.filter((each) => each.there === false);
  return [
    ...away.map(({ node, address }) =>
      fail(
        about,
        `node ${String(node)} (${String(address)}) is away: leads of its campaigns are answered 503, nothing is changed that every node ` +
          "has, such as keys and the configuration, and lists, searches and reports are without it.",
      ),
    ),
    ...unserved.map(({ node, address }) =>
      fail(
        about,
        `node ${String(node)} (${String(address)}) has campaigns, and no server is connected to it: their leads are answered 503. ` +
          "Start one with that node as its DATABASE_URL.",
      ),
    ),
    ...idle.map(({ host, node }) =>
      warn(
        about,
        `a server on ${String(host)} is connected to node ${String(node)}, which no campaign is on: it decides no lead. Give it the ` +
          "address of another node as its DATABASE_URL.",
      ),
    ),
    ...(unserved.length + away.length === 0
      ? [ok(about, `${nodes.length} have campaigns, each with a server`)]
      : []),
  ];
}

/** What a server has answered, of this version or one that says less. */
export function conditionIn(data: Mapping): ServerCondition {
  const [database, outbox, endpoints] = [
    part(data, "database"),
    part(data, "outbox"),
    part(data, "endpoints"),
  ];
  const [disk, mail, proxies] = [data.disk, part(data, "mail"), part(data, "proxies")];
  return {
    version: textAt(data, "version") ?? "",
    host: textAt(data, "host") ?? "",
    settings: part(data, "settings"),
    database: databaseIn(database),
    nodes: Array.isArray(database.nodes) ? database.nodes.filter(isMapping) : null,
    readsStandby: typeof database.read_standby === "boolean" ? database.read_standby : null,
    disk: isMapping(disk)
      ? { freeBytes: Number(disk.free_bytes), floorBytes: Number(disk.floor_bytes) }
      : null,
    outbox: {
      pending: numberAt(outbox, "pending"),
      dead: numberAt(outbox, "dead"),
      oldestDueSeconds: numberAt(outbox, "oldest_due_seconds"),
    },
    endpoints: {
      up: numberAt(endpoints, "up"),
      down: numberAt(endpoints, "down"),
      paused: numberAt(endpoints, "paused"),
      notUp: Array.isArray(endpoints.not_up) ? endpoints.not_up.filter(isMapping) : [],
    },
    locked: Array.isArray(data.locked) ? data.locked.filter(isMapping) : [],
    mail: {
      answers: typeof mail.answers === "boolean" ? mail.answers : null,
      neededBy: Array.isArray(mail.needed_by) ? mail.needed_by.map(String) : [],
    },
    strangersForward: proxies.strangers_forward === true,
    heldBack: heldBackIn(part(data, "records").held_back),
  };
}

function heldBackIn(said: unknown): ServerCondition["heldBack"] {
  if (!isMapping(said)) return null;
  return {
    before: textAt(said, "before") ?? "",
    leads: numberAt(said, "leads"),
    deliveries: numberAt(said, "deliveries"),
    returns: numberAt(said, "returns"),
    one: textAt(said, "lead_id") ?? textAt(said, "delivery_id") ?? "",
  };
}

function databaseIn(said: Mapping): DatabaseStatus {
  return {
    kind: said.kind === "embedded" ? "embedded" : "postgres",
    version: String(said.version),
    isDurable: said.durable === true,
    isStandby: said.standby === true,
    schema: said.schema === "older" || said.schema === "newer" ? said.schema : "up to date",
    aheadMs: Number(said.clock_ahead_ms),
    bytes: Number(said.size_bytes),
  };
}

function part(data: Mapping, name: string): Mapping {
  const found = data[name];
  return isMapping(found) ? found : {};
}

function textAt(data: Mapping, name: string): string | undefined {
  const found = data[name];
  return typeof found === "string" ? found : undefined;
}

function numberAt(data: Mapping, name: string): number {
  return Number(data[name] ?? 0);
}

/** All that a running server says of itself, judged. `own`: the settings of the shell that asks. */
export function onCondition(condition: ServerCondition, own: Mapping): Finding[] {
  const { settings, database, disk } = condition;
  const judged = judgedSettings(settings);
  return [
    ...onSettings(judged),
    ...onOtherShell(settings, own),
    ...(condition.strangersForward ? [onStrangers()] : []),
    ...(disk === null ? [] : [onDisk(disk.freeBytes, database.bytes, disk.floorBytes)]),
    ...onDatabase(database),
    ...(condition.readsStandby === null ? [] : [onReadStandby(condition.readsStandby)]),
    onOutbox(condition.outbox),
    ...onEndpoints(condition.endpoints),
    ...onLocked(condition.locked),
    onMail(condition.mail),
    ...(condition.heldBack === null ? [] : [onHeldBack(condition.heldBack)]),
  ];
}

function judgedSettings(settings: Mapping): JudgedSettings {
  const networks = (name: string) =>
    (textAt(settings, name) ?? "").split(",").flatMap((text) => parseCidr(text) ?? []);
  return {
    environment: settings.LEADGATE_ENV === "production" ? "production" : "development",
    publicUrl: textAt(settings, "LEADGATE_PUBLIC_URL"),
    trustedProxies: networks("LEADGATE_TRUSTED_PROXIES"),
    webhookAllowCidrs: networks("WEBHOOK_ALLOW_CIDRS"),
  };
}

/** Commands that open files go by the settings of their own shell. */
function onOtherShell(server: Mapping, own: Mapping): Finding[] {
  const others = Object.keys(own).filter((name) => name in server && server[name] !== own[name]);
  const told = others.filter((name) => !OF_THE_PROCESS.has(name));
  if (told.length === 0) return [];
  return [ok("this shell", `has other settings than the server, which are not judged: ${told.join(", ")}`)];
}

/** A shell and a server differ in these without either being wrong. */
const OF_THE_PROCESS: ReadonlySet<string> = new Set(["LOG_FORMAT", "LEADGATE_LOG_LEVEL"]);

function onStrangers(): Finding {
  return warn(
    "proxies",
    "X-Forwarded-For has come from an address that LEADGATE_TRUSTED_PROXIES does not name: if that is a proxy of yours, name " +
      "it; until then all who come through it count as one address.",
  );
}

function onReadStandby(isRead: boolean): Finding {
  const about = "read standby";
  if (isRead) return ok(about, "lists, exports and reports are read from it");
  return warn(
    about,
    "the standby of DATABASE_READ_URL is away, or further behind than LEADGATE_DATABASE_READ_LAG_MS: lists, exports and reports are " +
      "read from DATABASE_URL meanwhile.",
  );
}

function onOutbox({ pending, dead, oldestDueSeconds }: ServerCondition["outbox"]): Finding {
  const about = "outbox";
  const waiting = `${counted(pending, "delivery waits", "deliveries wait")}, ${counted(dead, "is", "are")} dead`;
  if (oldestDueSeconds < LONG_DUE_SECONDS) return ok(about, waiting);
  const minutes = Math.floor(oldestDueSeconds / 60);
  return warn(
    about,
    `${waiting}; the oldest has been due for ${minutes} min: leadgate endpoints says which are not up.`,
  );
}

function counted(count: number, one: string, more: string): string {
  return `${count.toLocaleString("en-US")} ${count === 1 ? one : more}`;
}

function onEndpoints({ up, down, paused, notUp }: ServerCondition["endpoints"]): Finding[] {
  if (down + paused === 0) return [ok("endpoints", `${counted(up, "is", "are")} up`)];
  const told = notUp.map(onEndpoint);
  const left = down + paused - told.length;
  return left > 0
    ? [...told, warn("endpoints", `${counted(left, "more is", "more are")} not up: leadgate endpoints`)]
    : told;
}

/** What it is, such as `buyer`, and its id. */
function recipientIn(listed: Mapping): [kind: string, id: string] {
  const [name = "", id = ""] =
    Object.entries(listed).find(([key, value]) => key.endsWith("_id") && typeof value === "string") ?? [];
  return [name.replace("_id", ""), String(id)];
}

/** Of a restore beside another key there are many, and one line says it of all. */
function onLocked(locked: readonly Mapping[]): Finding[] {
  const [first, ...others] = locked.map(recipientIn);
  if (first === undefined) return [];
  const [kind, id] = first;
  const who = others.length === 0 ? `${kind} ${id}` : `${locked.length} recipients, such as ${kind} ${id}`;
  const renew =
    kind === "conversion"
      ? `leadgate conversions token ${id} FILE`
      : `leadgate ${kind}s secret ${id} --overlap 0`;
  return [
    fail(
      "secrets",
      `nothing is sent to ${who}: the stored secret does not open. Set LEADGATE_SECRET to the one that it was stored under; when ` +
        `that is lost, ${renew}, and apply the document with the credentials of its endpoint.`,
    ),
  ];
}

function onEndpoint(listed: Mapping): Finding {
  const [kind, id] = recipientIn(listed);
  const endpoint = part(listed, "endpoint");
  const [since, reason] = [textAt(endpoint, "since"), textAt(endpoint, "reason")];
  const standing = [textAt(endpoint, "state"), since && `since ${since}`, reason && `(${reason})`];
  const waits = `${counted(numberAt(endpoint, "waiting"), "delivery waits", "deliveries wait")}.`;
  const next =
    endpoint.state === "paused"
      ? `Nothing is sent until you say so: leadgate ${kind}s resume ${id}.`
      : "It is tried again by itself.";
  return warn("endpoint", `${kind} ${id} is ${standing.filter(Boolean).join(" ")}; ${waits} ${next}`);
}

function onMail({ answers, neededBy }: ServerCondition["mail"]): Finding {
  const about = "mail";
  if (answers === true) return ok(about, "the mail server of SMTP_URL takes the server in");
  if (answers === false) {
    return fail(
      about,
      "the mail server of SMTP_URL does not answer, or does not take the server in: check its host, port and password.",
    );
  }
  if (neededBy.length === 0) return ok(about, "none is sent, since SMTP_URL is not set");
  const [first, ...others] = neededBy;
  const who = others.length === 0 ? `buyer ${first} is` : `${neededBy.length} buyers are`;
  return fail(about, `${who} sent leads by e-mail, and SMTP_URL is not set: nothing reaches them.`);
}

function onHeldBack({
  before,
  leads,
  deliveries,
  returns,
  one,
}: NonNullable<ServerCondition["heldBack"]>): Finding {
  const found = [
    [leads, "lead is undecided", "leads are undecided"],
    [deliveries, "delivery waits", "deliveries wait"],
    [returns, "return is undecided", "returns are undecided"],
  ] as const;
  const open = found.flatMap(([count, each, more]) => (count === 0 ? [] : [counted(count, each, more)]));
  return warn(
    "records",
    `what is older than ${before} is over for records_days and is kept: ${open.join(", ")}, such as ${one}. It is dropped once ` +
      "they are done.",
  );
}
