import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { availableParallelism } from "node:os";
import { SAMPLERS, type TracingSettings } from "#telemetry/tracing-settings.ts";
import type { Cidr } from "#text/cidr.ts";
import type { HostAndPort } from "#text/host-and-port.ts";
import type { MemoryUse } from "./process-memory.ts";
import {
  adminKeyFlaw,
  anyText,
  baseUrl,
  databaseAddress,
  Flaws,
  hostAndPort,
  networks,
  oneNameOf,
  type Parse,
  type Processes,
  pairs,
  processes,
  secretFlaw,
  sender,
  share,
  urlOf,
  wholeNumber,
  without,
} from "./setting-parsers.ts";
import { unknownSettings } from "./unknown-settings.ts";

/** What the program runs with: checked, complete, read once at the start. */
export interface Settings {
  readonly environment: "production" | "development";
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Where callers reach this server, without a slash at the end; absent: the address that it listens on. */
  readonly publicUrl?: string | undefined;
  /** The running server that commands such as `apply` and `healthcheck` talk to, without a slash at the end. */
  readonly serverUrl: string;
  readonly dataDir: string;
  readonly database: {
    /** Absent: the embedded database under `dataDir`. */
    readonly databaseUrl?: string;
    /** A standby of it, and how far it may be behind. */
    readonly standby?: { readonly url: string; readonly mostLagMs: number };
    readonly dataDir: string;
    readonly connections: number;
    readonly writers: number;
    readonly deadlineMs: number;
  };
  /** The master key as given, at least 32 bytes; absent: kept in `dataDir` (secrets.ts). */
  readonly secret?: string | undefined;
  /** The operator key as given; absent: kept in `dataDir`. */
  readonly adminKey?: string | undefined;
  readonly processes: Processes;
  /** Where servers of other machines reach this one, for leads of its campaigns; absent: they do not. */
  readonly peerAddress?: HostAndPort | undefined;
  /** Whether the process saves processor time or memory. */
  readonly memory: MemoryUse;
  readonly logFormat: LogFormat;
  readonly logLevel: LogLevel;
  /** Where traces are sent; absent: none are made. */
  readonly tracing?: TracingSettings | undefined;
  /** Who may read /metrics: everyone who reaches the server, or operators. */
  readonly metrics: "open" | "keyed";
  /** Whether what is below /docs is for everybody, or for who has a key or a link. */
  readonly docs: "open" | "keyed";
  /** Private networks that webhooks may reach, in the form that `net.BlockList.addSubnet` takes. */
  readonly webhookAllowCidrs: readonly Cidr[];
  /** Proxies in front of this server, whose X-Forwarded-For says where a request comes from. */
  readonly trustedProxies: readonly Cidr[];
  /** The mail server for buyers that receive leads by e-mail; absent: none can. */
  readonly smtp?:
    | {
        /** `smtp://` or `smtps://`, with user and password in it where the server asks for them. */
        readonly url: string;
        /** Sender, `a@b.example` or `Name <a@b.example>`. */
        readonly from: string;
      }
    | undefined;
  /** Where Meta is told of conversions, without a slash at the end. */
  readonly graphUrl: string;
  /** Leads that may wait for one campaign before further ones are answered 503. */
  readonly queueLimit: number;
  /** Leads of one campaign decided in one transaction. */
  readonly maxBatch: number;
  /** What each supplier may have stored in a day; 0: any number of bytes. */
  readonly supplierBytesPerDay: number;
  /** Room on the disk of DATA_DIR below which nothing is taken in. */
  readonly diskFloorBytes: number;
  /** Requests that one address may have answered at once; 0: any number. */
  readonly requestsPerAddress: number;
}

export type LogFormat = "text" | "json";
export type LogLevel = "debug" | "info" | "warn" | "error";

/** Everything that is wrong with the settings, a sentence each, in the order of their names. None of them repeats a value. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.problems = problems;
  }
}

/** A setting: what holds without it (empty where leaving it out has a meaning of its own), its meaning, how it is read. */
interface Setting<Value> {
  readonly default: string;
  readonly meaning: string;
  readonly parse: Parse<Value>;
  /** It is a secret or holds one, and may be kept in a file that `NAME_FILE` names. */
  readonly isSecret: boolean;
}

interface OptionalSetting<Value> extends Setting<Value> {
  readonly default: "";
}

function setting<Value>(otherwise: string, meaning: string, parse: Parse<Value>): Setting<Value> {
  return { default: otherwise, meaning, parse, isSecret: false };
}

function number(
  otherwise: string,
  [from, to]: readonly [number, number],
  meaning: (range: string) => string,
): Setting<number> {
  return setting(otherwise, meaning(`${from} to ${to}`), wholeNumber(from, to));
}

function optional<Value>(meaning: string, parse: Parse<Value>): OptionalSetting<Value> {
  return { default: "", meaning, parse, isSecret: false };
}

function secret(meaning: string, parse: Parse<string>): OptionalSetting<string> {
  return { default: "", meaning, parse, isSecret: true };
}

/** Every setting there is, in the order of the help. */
const TABLE = {
  HOST: setting("127.0.0.1", "address to listen on; 0.0.0.0 for all", anyText),
  PORT: setting("8080", "port to listen on; 0 for any free one", wholeNumber(0, 65_535)),
  DATABASE_URL: secret(
    "Postgres 15 or later, postgres://…, or several, postgres://a,b/…; without it, the embedded database",
    databaseAddress,
  ),
  DATABASE_READ_URL: secret(
    "standby of that Postgres, which lists, exports and reports are read from; without it, all is read from DATABASE_URL",
    databaseAddress,
  ),
  DATA_DIR: setting(
    "./data",
    "folder of the embedded database, its lock and the secrets made on first start",
    anyText,
  ),
  LEADGATE_SECRET: secret(
    "master key, any text of 32 bytes or more; made in DATA_DIR on first start, required with DATABASE_URL in production",
    without(secretFlaw),
  ),
  LEADGATE_ADMIN_KEY: secret(
    "operator key that is always valid, 24 characters or more; made in DATA_DIR on first start and printed once",
    without(adminKeyFlaw),
  ),
  LEADGATE_ENV: optional(
    "production or development; without it, production with DATABASE_URL, else development",
    oneNameOf("production", "development"),
  ),
  LEADGATE_PUBLIC_URL: optional("where callers reach this server, for the addresses that it prints", baseUrl),
  LEADGATE_URL: optional(
    "running server that plan, apply, export, keys and healthcheck talk to; without it, HOST and PORT of this machine",
    baseUrl,
  ),
  LEADGATE_PROCESSES: setting(
    "1",
    "processes that serve on this port, 1 to 64, or auto: one for every two cores; more than one needs Postgres",
    processes(availableParallelism()),
  ),
  LEADGATE_PEER_ADDRESS: optional(
    "host:port by which servers of other machines hand this one the leads of its campaigns; without it, they do not",
    hostAndPort,
  ),
  LEADGATE_MEMORY: setting(
    "normal",
    "normal or low: which of processor time and memory the process saves",
    oneNameOf("normal", "low"),
  ),
  LOG_FORMAT: optional("text or json; without it, text on a terminal, else json", oneNameOf("text", "json")),
  LEADGATE_LOG_LEVEL: setting(
    "info",
    "debug, info, warn or error",
    oneNameOf("debug", "info", "warn", "error"),
  ),
  LEADGATE_METRICS: setting(
    "keyed",
    "keyed: /metrics asks for an operator key of role read or more; open: it does not",
    oneNameOf("keyed", "open"),
  ),
  LEADGATE_DOCUMENTS: setting(
    "open",
    "open: /docs is for everybody; keyed: for who has an operator key, a supplier's key or a link",
    oneNameOf("open", "keyed"),
  ),
  OTEL_EXPORTER_OTLP_ENDPOINT: optional(
    "OpenTelemetry collector that traces are sent to over HTTP, http://localhost:4318; without it, none are made",
    baseUrl,
  ),
  OTEL_EXPORTER_OTLP_HEADERS: optional(
    "headers for the collector, such as api-key=secret,tenant=leads",
    pairs,
  ),
  OTEL_SERVICE_NAME: setting("leadgate", "what the server is called in traces", anyText),
  OTEL_RESOURCE_ATTRIBUTES: optional(
    "what else is said of it, such as deployment.environment.name=staging",
    pairs,
  ),
  OTEL_TRACES_SAMPLER: setting(
    SAMPLERS[0],
    "which requests are traced: that one, always_on, always_off, traceidratio, parentbased_always_off or parentbased_traceidratio",
    oneNameOf(...SAMPLERS),
  ),
  OTEL_TRACES_SAMPLER_ARG: setting("1", "share of requests that the samplers by ratio take, 0 to 1", share),
  WEBHOOK_ALLOW_CIDRS: optional(
    "private networks that webhooks may reach, such as 10.1.0.0/16,fd00::/8",
    networks,
  ),
  LEADGATE_TRUSTED_PROXIES: optional(
    "proxies in front of the server, such as 10.0.0.0/8; their X-Forwarded-For says where requests come from",
    networks,
  ),
  SMTP_URL: secret(
    "mail server for buyers that receive leads by e-mail, smtp://user:password@host:587 or smtps://…",
    urlOf(["smtp:", "smtps:"], ({ hostname }) => hostname !== ""),
  ),
  SMTP_FROM: optional(
    "sender of those e-mails, leads@company.example or Name <leads@company.example>",
    sender,
  ),
  META_GRAPH_URL: setting(
    "https://graph.facebook.com",
    "where Meta is told of conversions; a server of your own to try them out",
    baseUrl,
  ),
  LEADGATE_DATABASE_CONNECTIONS: number("10", [1, 500], (range) => `connections for reading, ${range}`),
  LEADGATE_DATABASE_WRITERS: number("8", [1, 500], (range) => `connections for writing, ${range}`),
  LEADGATE_DATABASE_DEADLINE_MS: number(
    "5000",
    [100, 60_000],
    (range) => `longest wait for the database in milliseconds, ${range}`,
  ),
  LEADGATE_DATABASE_READ_LAG_MS: number(
    "5000",
    [0, 3_600_000],
    (range) =>
      `how far the standby may be behind, in milliseconds, ${range}; beyond it, DATABASE_URL is read`,
  ),
  LEADGATE_QUEUE_LIMIT: number(
    "10000",
    [1, 1_000_000],
    (range) => `leads that may wait per campaign, and pings, ${range}; beyond it, 503`,
  ),
  LEADGATE_MAX_BATCH: number("256", [1, 1024], (range) => `leads decided in one transaction, ${range}`),
  LEADGATE_SUPPLIER_MB_PER_DAY: number(
    "10240",
    [0, 1_000_000_000],
    (range) =>
      `megabytes that one supplier may send as leads in a day to each server, ${range}; beyond it, 429; 0: no limit`,
  ),
  LEADGATE_DISK_FLOOR_MB: number(
    "512",
    [0, 1_000_000_000],
    (range) =>
      `megabytes free where DATA_DIR is, below which the embedded database takes nothing in, ${range}; 503 then`,
  ),
  LEADGATE_REQUESTS_PER_ADDRESS: number(
    "1000",
    [0, 1_000_000],
    (range) =>
      `requests of one address answered at once, ${range}; beyond it, 429; 0: no limit; this machine has none`,
  ),
};

/** Every setting for the help and the manual, each secret followed by the file that may hold it. */
export const SETTINGS: readonly { name: string; default: string; meaning: string }[] = Object.entries(
  TABLE,
).flatMap(([name, { default: otherwise, meaning, isSecret }]) => [
  { name, default: otherwise, meaning },
  ...(isSecret ? [{ name: `${name}_FILE`, default: "", meaning: `file that holds ${name}` }] : []),
]);

export type SettingName = keyof typeof TABLE;
type Name = SettingName;
type Environment = Readonly<Record<string, string | undefined>>;
type Values = {
  [Key in Name]: (typeof TABLE)[Key] extends OptionalSetting<infer Value>
    ? Value | undefined
    : (typeof TABLE)[Key] extends Setting<infer Value>
      ? Value
      : never;
};

/** What a copy of the server is started with: what this process was, and which copy it is. */
export function environmentOfCopy({ copy, count, port }: { copy: number; count: number; port: number }) {
  return { ...process.env, LEADGATE_PROCESSES: `${copy}/${count}`, PORT: String(port) };
}

/** The settings of this process. @throws SettingsError */
export function settingsOfProcess(): Settings {
  return readSettings(process.env, process.stdout.isTTY);
}

/**
 * Reads the settings out of the environment; a variable that is empty counts as absent. The only I/O is reading the files that the
 * `…_FILE` variables name. @throws SettingsError with every problem found
 */
export function readSettings(environment: Environment, isTerminal: boolean): Settings {
  const { values, problems } = readTable(environment);
  const isSet = (name: Name) =>
    textOf(environment, name) !== undefined || textOf(environment, `${name}_FILE`) !== undefined;
  const kind = values.LEADGATE_ENV ?? (isSet("DATABASE_URL") ? "production" : "development");
  if (kind === "production" && isSet("DATABASE_URL") && !isSet("LEADGATE_SECRET")) {
    problems.push(
      "LEADGATE_SECRET is required with DATABASE_URL in production: every server on one database needs the same. " +
        "Make one with: openssl rand -base64 48",
    );
  }
  if (isSet("DATABASE_READ_URL") && !isSet("DATABASE_URL"))
    problems.push("DATABASE_READ_URL is set without DATABASE_URL, whose standby it would be.");
  if (values.LEADGATE_PROCESSES?.count > 1 && !isSet("DATABASE_URL"))
    problems.push(
      "LEADGATE_PROCESSES must be 1 without DATABASE_URL: the embedded database is for one process. Use Postgres for more.",
    );
  if (isSet("SMTP_URL") !== isSet("SMTP_FROM"))
    problems.push("SMTP_URL and SMTP_FROM go together; only one of them is set.");
  const names = SETTINGS.map(({ name }) => name);
  const sorted = [...problems.toSorted(), ...unknownSettings(environment, names)];
  if (sorted.length > 0) throw new SettingsError(sorted);
  return settingsFrom(values, kind, isTerminal);
}

function settingsFrom(values: Values, environment: Settings["environment"], isTerminal: boolean): Settings {
  const { HOST: host, PORT: port, DATA_DIR: dataDir, DATABASE_URL: databaseUrl } = values;
  const { SMTP_URL: smtpUrl, SMTP_FROM: smtpFrom, DATABASE_READ_URL: standbyUrl } = values;
  return {
    environment,
    host,
    port,
    publicUrl: values.LEADGATE_PUBLIC_URL,
    serverUrl: values.LEADGATE_URL ?? localUrl(host, port),
    dataDir,
    database: {
      ...(databaseUrl === undefined ? {} : { databaseUrl }),
      ...(standbyUrl === undefined
        ? {}
        : { standby: { url: standbyUrl, mostLagMs: values.LEADGATE_DATABASE_READ_LAG_MS } }),
      dataDir,
      connections: values.LEADGATE_DATABASE_CONNECTIONS,
      writers: values.LEADGATE_DATABASE_WRITERS,
      deadlineMs: values.LEADGATE_DATABASE_DEADLINE_MS,
    },
    secret: values.LEADGATE_SECRET,
    adminKey: values.LEADGATE_ADMIN_KEY,
    processes: values.LEADGATE_PROCESSES,
    peerAddress: values.LEADGATE_PEER_ADDRESS,
    memory: values.LEADGATE_MEMORY,
    logFormat: values.LOG_FORMAT ?? (isTerminal ? "text" : "json"),
    logLevel: values.LEADGATE_LOG_LEVEL,
    tracing: tracingFrom(values),
    metrics: values.LEADGATE_METRICS,
    docs: values.LEADGATE_DOCUMENTS,
    webhookAllowCidrs: values.WEBHOOK_ALLOW_CIDRS ?? [],
    trustedProxies: values.LEADGATE_TRUSTED_PROXIES ?? [],
    smtp: smtpUrl === undefined || smtpFrom === undefined ? undefined : { url: smtpUrl, from: smtpFrom },
    graphUrl: values.META_GRAPH_URL,
    queueLimit: values.LEADGATE_QUEUE_LIMIT,
    maxBatch: values.LEADGATE_MAX_BATCH,
    supplierBytesPerDay: values.LEADGATE_SUPPLIER_MB_PER_DAY * MEBIBYTE,
    diskFloorBytes: values.LEADGATE_DISK_FLOOR_MB * MEBIBYTE,
    requestsPerAddress: values.LEADGATE_REQUESTS_PER_ADDRESS,
  };
}

const MEBIBYTE = 1024 * 1024;

function tracingFrom(values: Values): TracingSettings | undefined {
  const endpoint = values.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (endpoint === undefined) return undefined;
  return {
    endpoint: `${endpoint}/v1/traces`,
    headers: values.OTEL_EXPORTER_OTLP_HEADERS ?? {},
    resource: { ...values.OTEL_RESOURCE_ATTRIBUTES, "service.name": values.OTEL_SERVICE_NAME },
    sampler: values.OTEL_TRACES_SAMPLER,
    sampledShare: values.OTEL_TRACES_SAMPLER_ARG,
  };
}

/** Reads every setting of the table. The value of one that has a problem is of no use. */
function readTable(environment: Environment): { values: Values; problems: string[] } {
  const problems: string[] = [];
  const values: Partial<Record<Name, unknown>> = {};
  for (const name of Object.keys(TABLE) as Name[]) {
    const { default: otherwise, parse, isSecret } = TABLE[name];
    const given = isSecret ? secretOf(environment, name) : { name, text: textOf(environment, name) };
    if ("problem" in given) {
      problems.push(given.problem);
      continue;
    }
    const text = given.text ?? otherwise;
    const value = text === "" && given.text === undefined ? undefined : parse(text);
    if (value instanceof Flaws) problems.push(...value.says.map((says) => `${given.name}${says}`));
    else values[name] = value;
  }
  return { values: values as Values, problems };
}

function textOf(environment: Environment, name: string): string | undefined {
  return environment[name]?.trim() || undefined;
}

/** The text of a secret, from its variable or its file, and how sentences about it begin. */
function secretOf(
  environment: Environment,
  name: Name,
): { name: string; text: string | undefined } | { problem: string } {
  const text = textOf(environment, name);
  const file = textOf(environment, `${name}_FILE`);
  if (file === undefined) return { name, text };
  if (text !== undefined) return { problem: `${name} and ${name}_FILE are both set; set one of them.` };
  try {
    return { name: `The file of ${name}_FILE`, text: readFileSync(file, "utf8").trim() };
  } catch {
    return { problem: `${name}_FILE names a file that cannot be read.` };
  }
}

/** Where a server on `host` and `port` is reached from its own machine: "all addresses" is no address to call. */
function localUrl(host: string, port: number): string {
  const called = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  return `http://${isIP(called) === 6 ? `[${called}]` : called}:${port}`;
}

/** Unless NO_COLOR is set to anything: https://no-color.org. */
export function areColoursWanted(): boolean {
  return (process.env.NO_COLOR ?? "") === "";
}
