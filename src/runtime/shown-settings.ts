import { resolve } from "node:path";
import type { Cidr } from "#text/cidr.ts";
import { formatHostAndPort } from "#text/host-and-port.ts";
import type { SettingName, Settings } from "./settings.ts";

/** What is shown in the place of a secret. */
const HIDDEN = "***";
const MEBIBYTE = 1024 * 1024;

/** The settings that a server goes by, by their names; null: not set. LEADGATE_URL is for commands. */
export type ShownSettings = Readonly<Record<Exclude<SettingName, "LEADGATE_URL">, string | number | null>>;

/** The settings as operators may see them: with defaults, and with `***` for what holds a secret. */
export function shownSettings(settings: Settings): ShownSettings {
  const { database, smtp, tracing } = settings;
  return {
    LEADGATE_ENV: settings.environment,
    HOST: settings.host,
    PORT: settings.port,
    LEADGATE_PUBLIC_URL: settings.publicUrl ?? null,
    DATA_DIR: resolve(settings.dataDir),
    DATABASE_URL: hidden(database.databaseUrl),
    DATABASE_READ_URL: hidden(database.standby?.url),
    LEADGATE_SECRET: hidden(settings.secret),
    LEADGATE_ADMIN_KEY: hidden(settings.adminKey),
    LOG_FORMAT: settings.logFormat,
    LEADGATE_LOG_LEVEL: settings.logLevel,
    LEADGATE_METRICS: settings.metrics,
    LEADGATE_DOCUMENTS: settings.docs,
    OTEL_EXPORTER_OTLP_ENDPOINT: tracing?.endpoint ?? null,
    OTEL_EXPORTER_OTLP_HEADERS:
      tracing === undefined || Object.keys(tracing.headers).length === 0 ? null : HIDDEN,
    OTEL_SERVICE_NAME: tracing?.resource["service.name"] ?? null,
    OTEL_RESOURCE_ATTRIBUTES: tracing === undefined ? null : attributes(tracing.resource),
    OTEL_TRACES_SAMPLER: tracing?.sampler ?? null,
    OTEL_TRACES_SAMPLER_ARG: tracing?.sampledShare ?? null,
    WEBHOOK_ALLOW_CIDRS: networks(settings.webhookAllowCidrs),
    LEADGATE_TRUSTED_PROXIES: networks(settings.trustedProxies),
    SMTP_URL: hidden(smtp?.url),
    SMTP_FROM: smtp?.from ?? null,
    META_GRAPH_URL: settings.graphUrl,
    LEADGATE_DATABASE_CONNECTIONS: database.connections,
    LEADGATE_DATABASE_WRITERS: database.writers,
    LEADGATE_DATABASE_DEADLINE_MS: database.deadlineMs,
    LEADGATE_DATABASE_READ_LAG_MS: database.standby?.mostLagMs ?? null,
    LEADGATE_QUEUE_LIMIT: settings.queueLimit,
    LEADGATE_MAX_BATCH: settings.maxBatch,
    LEADGATE_SUPPLIER_MB_PER_DAY: settings.supplierBytesPerDay / MEBIBYTE,
    LEADGATE_DISK_FLOOR_MB: settings.diskFloorBytes / MEBIBYTE,
    LEADGATE_PROCESSES: settings.processes.count,
    LEADGATE_PEER_ADDRESS:
      settings.peerAddress === undefined ? null : formatHostAndPort(settings.peerAddress),
    LEADGATE_MEMORY: settings.memory,
    LEADGATE_REQUESTS_PER_ADDRESS: settings.requestsPerAddress,
  };
}

function hidden(secret: string | undefined): string | null {
  return secret === undefined ? null : HIDDEN;
}

function networks(list: readonly Cidr[]): string | null {
  return list.length === 0 ? null : list.map(({ address, prefix }) => `${address}/${prefix}`).join(",");
}

function attributes({ "service.name": _name, ...others }: Readonly<Record<string, string>>): string | null {
  const pairs = Object.entries(others).map(([name, value]) => `${name}=${value}`);
  return pairs.length === 0 ? null : pairs.join(",");
}
