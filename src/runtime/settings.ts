import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { SAMPLERS, type TracingSettings } from "#telemetry/tracing-settings.ts";
import { type Cidr, parseCidr } from "#text/cidr.ts";
import { editsBetween } from "#text/did-you-mean.ts";

/** What the program runs with: checked, complete, read once at the start. */
export interface Settings {
  readonly environment: "production" | "development";
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Where callers reach this server, without a slash at the end; absent: the address that it listens on. */
  readonly publicUrl?: string;
  /** The running server that commands such as `apply` and `healthcheck` talk to, without a slash at the end. */
  readonly serverUrl: string;
  readonly dataDir: string;
  readonly database: {
    /** Absent: the embedded database under `dataDir`. */
    readonly databaseUrl?: string;
    readonly dataDir: string;
    readonly connections: number;
    readonly writers: number;
    readonly deadlineMs: number;
  };
  /** The master key as given, at least 32 bytes; absent: kept in `dataDir` (src/runtime/secrets.ts). */
  readonly secret?: string;
  /** The operator key as given; absent: kept in `dataDir`. */
  readonly adminKey?: string;
  readonly logFormat: LogFormat;
  readonly logLevel: LogLevel;
  /** Where traces are sent; absent: none are made. */
  readonly tracing?: TracingSettings;
  /** Who may read /metrics: everyone who reaches the server, or operators. */
  readonly metrics: "open" | "keyed";
  /** Private networks that webhooks may reach, in the form that `net.BlockList.addSubnet` takes. */
  readonly webhookAllowCidrs: readonly Cidr[];
  /** Proxies in front of this server, whose X-Forwarded-For says where a request comes from. */
  readonly trustedProxies: readonly Cidr[];
  /** The mail server for buyers that receive leads by e-mail; absent: none can. */
  readonly smtp?: {
    /** `smtp://` or `smtps://`, with user and password in it where the server asks for them. */
    readonly url: string;
    /** Sender, `a@b.example` or `Name <a@b.example>`. */
    readonly from: string;
  };
  /** Leads that may wait for one campaign before further ones are answered 503. */
  readonly queueLimit: number;
  /** Leads of one campaign decided in one transaction. */
  readonly maxBatch: number;
}

/** As OpenTelemetry's own variables say it: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/ */
export type LogFormat = "text" | "json";
export type LogLevel = "debug" | "info" | "warn" | "error";

/** Everything that is wrong with the settings, a sentence each. None of them repeats a value. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.problems = problems;
  }
}

/** Every setting there is, for `leadgate help` and the manual. `default` is empty where leaving it out has a meaning of its own. */
export const SETTINGS = [
  { name: "HOST", default: "127.0.0.1", meaning: "address to listen on; 0.0.0.0 for all" },
  { name: "PORT", default: "8080", meaning: "port to listen on; 0 for any free one" },
  {
    name: "DATABASE_URL",
    default: "",
    meaning: "Postgres 15 or later, postgres://…; without it, the embedded database",
  },
  { name: "DATABASE_URL_FILE", default: "", meaning: "file that holds DATABASE_URL" },
  {
    name: "DATA_DIR",
    default: "./data",
    meaning: "folder of the embedded database, its lock and the secrets made on first start",
  },
  {
    name: "LEADGATE_SECRET",
    default: "",
    meaning:
      "master key, any text of 32 bytes or more; made in DATA_DIR on first start, required with DATABASE_URL in production",
  },
  { name: "LEADGATE_SECRET_FILE", default: "", meaning: "file that holds LEADGATE_SECRET" },
  {
    name: "LEADGATE_ADMIN_KEY",
    default: "",
    meaning:
      "operator key that is always valid, 24 characters or more; made in DATA_DIR on first start and printed once",
  },
  { name: "LEADGATE_ADMIN_KEY_FILE", default: "", meaning: "file that holds LEADGATE_ADMIN_KEY" },
  {
    name: "LEADGATE_ENV",
    default: "",
    meaning: "production or development; without it, production with DATABASE_URL, else development",
  },
  {
    name: "LEADGATE_PUBLIC_URL",
    default: "",
    meaning: "where callers reach this server, for the addresses that it prints",
  },
  {
    name: "LEADGATE_URL",
    default: "",
    meaning:
      "running server that plan, apply, export, keys and healthcheck talk to; without it, HOST and PORT of this machine",
  },
  { name: "LOG_FORMAT", default: "", meaning: "text or json; without it, text on a terminal, else json" },
  { name: "LEADGATE_LOG_LEVEL", default: "info", meaning: "debug, info, warn or error" },
  {
    name: "LEADGATE_METRICS",
    default: "keyed",
    meaning: "keyed: /metrics asks for an operator key of role read or more; open: it does not",
  },
  {
    name: "OTEL_EXPORTER_OTLP_ENDPOINT",
    default: "",
    meaning:
      "OpenTelemetry collector that traces are sent to over HTTP, http://localhost:4318; without it, none are made",
  },
  {
    name: "OTEL_EXPORTER_OTLP_HEADERS",
    default: "",
    meaning: "headers for the collector, such as api-key=secret,tenant=leads",
  },
  { name: "OTEL_SERVICE_NAME", default: "leadgate", meaning: "what the server is called in traces" },
  {
    name: "OTEL_RESOURCE_ATTRIBUTES",
    default: "",
    meaning: "what else is said of it, such as deployment.environment.name=staging",
  },
  {
    name: "OTEL_TRACES_SAMPLER",
    default: "parentbased_always_on",
    meaning:
      "which requests are traced: that one, always_on, always_off, traceidratio, parentbased_always_off or parentbased_traceidratio",
  },
  {
    name: "OTEL_TRACES_SAMPLER_ARG",
    default: "1",
    meaning: "share of requests that the samplers by ratio take, 0 to 1",
  },
  {
    name: "WEBHOOK_ALLOW_CIDRS",
    default: "",
    meaning: "private networks that webhooks may reach, such as 10.1.0.0/16,fd00::/8",
  },
  {
    name: "LEADGATE_TRUSTED_PROXIES",
    default: "",
    meaning:
      "proxies in front of the server, such as 10.0.0.0/8; their X-Forwarded-For says where requests come from",
  },
  {
    name: "SMTP_URL",
    default: "",
    meaning:
      "mail server for buyers that receive leads by e-mail, smtp://user:password@host:587 or smtps://…",
  },
  { name: "SMTP_URL_FILE", default: "", meaning: "file that holds SMTP_URL" },
  {
    name: "SMTP_FROM",
    default: "",
    meaning: "sender of those e-mails, leads@company.example or Name <leads@company.example>",
  },
  { name: "LEADGATE_DATABASE_CONNECTIONS", default: "10", meaning: "connections for reading, 1 to 500" },
  { name: "LEADGATE_DATABASE_WRITERS", default: "8", meaning: "connections for writing, 1 to 500" },
  {
    name: "LEADGATE_DATABASE_DEADLINE_MS",
    default: "5000",
    meaning: "longest wait for the database in milliseconds, 100 to 60000",
  },
  {
    name: "LEADGATE_QUEUE_LIMIT",
    default: "10000",
    meaning: "leads that may wait per campaign, 1 to 1000000; beyond it, 503",
  },
  {
    name: "LEADGATE_MAX_BATCH",
    default: "256",
    meaning: "leads of a campaign decided in one transaction, 1 to 1024",
  },
] as const satisfies readonly { name: string; default: string; meaning: string }[];

type SettingName = (typeof SETTINGS)[number]["name"];
type Environment = Readonly<Record<string, string | undefined>>;

/** The settings of this process. Throws SettingsError. */
export function settingsOfProcess(): Settings {
  return readSettings(process.env, process.stdout.isTTY);
}

/**
 * Reads the settings out of `env`; a variable that is empty counts as absent. Throws SettingsError with every problem found, an
 * unknown LEADGATE_… among them: a misspelt setting that is silently ignored is worse than a refused start.
 * The only I/O is reading the files that the `…_FILE` variables name.
 */
export function readSettings(env: Environment, isTerminal: boolean): Settings {
  const { problems, given, text, oneOf, integer, baseUrl, secret, isSet } = readerOf(env);
  const databaseUrl = secret("DATABASE_URL", (value) =>
    urlFlaw(
      value,
      ["postgres:", "postgresql:"],
      ({ hostname, searchParams }) => hostname !== "" || searchParams.has("host"),
    ),
  );
  const publicUrl = baseUrl("LEADGATE_PUBLIC_URL");
  const serverUrl = baseUrl("LEADGATE_URL");
  const environment = oneOf(
    "LEADGATE_ENV",
    ["production", "development"],
    isSet("DATABASE_URL") ? "production" : "development",
  );
  const masterKey = secret("LEADGATE_SECRET", secretFlaw);
  const adminKey = secret("LEADGATE_ADMIN_KEY", adminKeyFlaw);
  if (environment === "production" && isSet("DATABASE_URL") && !isSet("LEADGATE_SECRET")) {
    problems.push(
      "LEADGATE_SECRET is required with DATABASE_URL in production: every server on one database needs the same. Make one with: openssl rand -base64 48",
    );
  }
  const smtpUrl = secret("SMTP_URL", (value) =>
    urlFlaw(value, ["smtp:", "smtps:"], ({ hostname }) => hostname !== ""),
  );
  const smtpFrom = given("SMTP_FROM");
  if (isSet("SMTP_URL") !== (smtpFrom !== undefined))
    problems.push("SMTP_URL and SMTP_FROM go together; only one of them is set.");
  if (smtpFrom !== undefined && !isSender(smtpFrom))
    problems.push(
      "SMTP_FROM must be an address such as leads@company.example or Name <leads@company.example>.",
    );
  const tracing = tracingFrom({ problems, given, text, oneOf, baseUrl });
  const dataDir = text("DATA_DIR");
  const host = text("HOST");
  const port = integer("PORT", 0, 65_535);
  const settings: Settings = {
    environment,
    host,
    port,
    ...(publicUrl === undefined ? {} : { publicUrl }),
    serverUrl: serverUrl ?? localUrl(host, port),
    dataDir,
    database: {
      ...(databaseUrl === undefined ? {} : { databaseUrl }),
      dataDir,
      connections: integer("LEADGATE_DATABASE_CONNECTIONS", 1, 500),
      writers: integer("LEADGATE_DATABASE_WRITERS", 1, 500),
      deadlineMs: integer("LEADGATE_DATABASE_DEADLINE_MS", 100, 60_000),
    },
    ...(masterKey === undefined ? {} : { secret: masterKey }),
    ...(adminKey === undefined ? {} : { adminKey }),
    logFormat: oneOf("LOG_FORMAT", ["text", "json"], isTerminal ? "text" : "json"),
    logLevel: oneOf("LEADGATE_LOG_LEVEL", ["debug", "info", "warn", "error"], "info"),
    ...(tracing === undefined ? {} : { tracing }),
    metrics: oneOf("LEADGATE_METRICS", ["keyed", "open"], "keyed"),
    webhookAllowCidrs: cidrs("WEBHOOK_ALLOW_CIDRS", given, problems),
    trustedProxies: cidrs("LEADGATE_TRUSTED_PROXIES", given, problems),
    ...(smtpUrl !== undefined && smtpFrom !== undefined ? { smtp: { url: smtpUrl, from: smtpFrom } } : {}),
    queueLimit: integer("LEADGATE_QUEUE_LIMIT", 1, 1_000_000),
    maxBatch: integer("LEADGATE_MAX_BATCH", 1, 1024),
  };
  problems.push(...unknownNames(env));
  if (problems.length > 0) throw new SettingsError(problems);
  return settings;
}

type Reader = ReturnType<typeof readerOf>;

function tracingFrom({
  problems,
  given,
  text,
  oneOf,
  baseUrl,
}: Pick<Reader, "problems" | "given" | "text" | "oneOf" | "baseUrl">): TracingSettings | undefined {
  const endpoint = baseUrl("OTEL_EXPORTER_OTLP_ENDPOINT");
  const sampler = oneOf("OTEL_TRACES_SAMPLER", SAMPLERS, SAMPLERS[0]);
  const share = text("OTEL_TRACES_SAMPLER_ARG");
  const sampledShare = /^(0|1|0?\.\d{1,9}|[01]\.0+)$/.test(share) ? Number(share) : Number.NaN;
  if (Number.isNaN(sampledShare))
    problems.push("OTEL_TRACES_SAMPLER_ARG must be a number from 0 to 1, such as 0.05.");
  const pairs = (name: "OTEL_EXPORTER_OTLP_HEADERS" | "OTEL_RESOURCE_ATTRIBUTES") => {
    const read = pairsIn(given(name) ?? "");
    if (read === undefined) problems.push(`${name} must be pairs such as name=value,other=value.`);
    return read ?? {};
  };
  const headers = pairs("OTEL_EXPORTER_OTLP_HEADERS");
  const resource = { ...pairs("OTEL_RESOURCE_ATTRIBUTES"), "service.name": text("OTEL_SERVICE_NAME") };
  if (endpoint === undefined) return undefined;
  return { endpoint: `${endpoint}/v1/traces`, headers, resource, sampler, sampledShare };
}

/** `name=value,other=value`, values percent-encoded; undefined when the text is something else. */
function pairsIn(text: string): Record<string, string> | undefined {
  const parts = text.split(",").filter((part) => part.trim() !== "");
  const pairs = parts.map((part) => /^\s*([^=\s]+)\s*=\s*(.*?)\s*$/.exec(part));
  try {
    return Object.fromEntries(
      pairs.map((pair) => {
        if (pair === null) throw new URIError("there is no = in it");
        return [pair[1] ?? "", decodeURIComponent(pair[2] ?? "")];
      }),
    );
  } catch {
    return undefined;
  }
}

/** How single variables are read; what is wrong with them is gathered in `problems`, and a value that fits goes on in its place. */
function readerOf(env: Environment) {
  const problems: string[] = [];
  const given = (name: SettingName) => env[name]?.trim() || undefined;
  const text = (name: SettingName) => given(name) ?? defaultOf(name);

  const oneOf = <Choice extends string>(
    name: SettingName,
    choices: readonly Choice[],
    fallback: Choice,
  ): Choice => {
    const value = given(name);
    if (value === undefined) return fallback;
    const choice = choices.find((choice) => choice === value.toLowerCase());
    if (!choice) problems.push(`${name} must be ${choices.slice(0, -1).join(", ")} or ${choices.at(-1)}.`);
    return choice ?? fallback;
  };

  const integer = (name: SettingName, min: number, max: number): number => {
    const value = text(name);
    const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
    if (number >= min && number <= max) return number;
    problems.push(`${name} must be a whole number from ${min} to ${max}.`);
    return min;
  };

  const secret = (name: SecretName, flaw: (value: string) => string | undefined): string | undefined => {
    const value = given(name);
    const file = given(`${name}_FILE`);
    if (value !== undefined && file !== undefined) {
      problems.push(`${name} and ${name}_FILE are both set; set one of them.`);
      return undefined;
    }
    const content = file === undefined ? value : contentOf(file);
    if (file !== undefined && content === undefined)
      problems.push(`${name}_FILE names a file that cannot be read.`);
    if (content === undefined) return undefined;
    const wrong = flaw(content);
    if (wrong) problems.push(`${file === undefined ? name : `The file of ${name}_FILE`} ${wrong}.`);
    return content;
  };

  const isSet = (name: SecretName) => given(name) !== undefined || given(`${name}_FILE`) !== undefined;

  const baseUrl = (name: SettingName): string | undefined => {
    const value = given(name);
    if (value === undefined) return undefined;
    const wrong = urlFlaw(value, ["http:", "https:"], ({ search, hash }) => !search && !hash);
    if (wrong) problems.push(`${name} ${wrong}.`);
    return value.replace(/\/+$/, "");
  };

  return { problems, given, text, oneOf, integer, baseUrl, secret, isSet };
}

/** Settings that may be kept in a file, which `…_FILE` names: those that are a secret or hold one. */
type SecretName = "LEADGATE_SECRET" | "LEADGATE_ADMIN_KEY" | "DATABASE_URL" | "SMTP_URL";

/** What is wrong with an address, as the end of a sentence; undefined when nothing is. */
function urlFlaw(
  value: string,
  schemes: readonly string[],
  isGood: (url: URL) => boolean,
): string | undefined {
  const parsed = URL.parse(value);
  if (parsed && schemes.includes(parsed.protocol) && isGood(parsed)) return undefined;
  return `must be an address that starts with ${schemes.map((scheme) => `${scheme}//`).join(" or ")}`;
}

/** What is wrong with a master key, as the end of a sentence; undefined when nothing is. */
export function secretFlaw(value: string): string | undefined {
  return Buffer.byteLength(value) >= 32 ? undefined : "must hold at least 32 bytes";
}

/** What is wrong with an operator key, as the end of a sentence. It travels in a header: printable ASCII without spaces. */
export function adminKeyFlaw(value: string): string | undefined {
  return /^[\x21-\x7e]{24,200}$/.test(value)
    ? undefined
    : "must be 24 to 200 characters of ASCII without spaces";
}

/** One address, alone or in angle brackets behind a name. */
function isSender(value: string): boolean {
  return (
    /^(?:[^<>\r\n]*<)?[^\s@<>,;]+@[^\s@<>,;]+>?$/.test(value) && value.includes("<") === value.includes(">")
  );
}

/** Where a server on `host` and `port` is reached from its own machine: "all addresses" is no address to call. */
function localUrl(host: string, port: number): string {
  const called = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  return `http://${isIP(called) === 6 ? `[${called}]` : called}:${port}`;
}

function defaultOf(name: SettingName): string {
  return SETTINGS.find((setting) => setting.name === name)?.default ?? "";
}

function contentOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return undefined;
  }
}

/** A list such as `10.1.0.0/16, fd00::/8`; an address alone stands for itself. */
function cidrs(
  name: "WEBHOOK_ALLOW_CIDRS" | "LEADGATE_TRUSTED_PROXIES",
  given: (name: SettingName) => string | undefined,
  problems: string[],
): Cidr[] {
  const entries = (given(name) ?? "").split(/[\s,]+/).filter((entry) => entry !== "");
  const parsed = entries.map(parseCidr);
  parsed.forEach((cidr, index) => {
    if (!cidr)
      problems.push(`${name}, entry ${index + 1}, is not a network such as 10.1.0.0/16 or fd00::/8.`);
  });
  return parsed.filter((cidr) => cidr !== undefined);
}

function unknownNames(env: Environment): string[] {
  const known = SETTINGS.map((setting) => setting.name as string);
  return Object.entries(env)
    .filter(
      ([name, value]) =>
        name.startsWith("LEADGATE_") && !known.includes(name) && !fromKubernetes(name, value),
    )
    .map(([name]) => `${name} is not a setting. The nearest one is ${nearestSetting(name, known)}.`);
}

/**
 * Kubernetes adds variables for each service of the namespace (LEADGATE_SERVICE_HOST, LEADGATE_PORT=tcp://…): a server in a pod
 * beside a service called `leadgate` must start all the same.
 */
function fromKubernetes(name: string, value = ""): boolean {
  return (
    /_SERVICE_(HOST|PORT(_[A-Z0-9_]+)?)$|_PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?$/.test(name) ||
    (name.endsWith("_PORT") && /^(tcp|udp|sctp):\/\//.test(value))
  );
}

/** The setting that takes the fewest edits; PORT for LEADGATE_PORT, since not all of ours have the prefix. */
function nearestSetting(name: string, known: readonly string[]): string {
  const bare = name.replace("LEADGATE_", "");
  const edits = (other: string) => Math.min(editsBetween(name, other), editsBetween(bare, other));
  const [best = ""] = known.toSorted((one, other) => edits(one) - edits(other));
  return best;
}
