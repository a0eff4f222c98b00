import { command } from "#cli/command/command.ts";
import { readConfiguration } from "#configuration/configuration-records.ts";
import { sealStored } from "#configuration/secrets/seal-stored.ts";
import { type Database, DatabaseRefused, DatabaseUnavailable } from "#database/database.ts";
import { openDatabase } from "#database/engine/connect.ts";
import { type Channel, openSiblings, type ToCopy } from "#runtime/copies/siblings.ts";
import type { ServerConfig } from "#runtime/parts.ts";
import { keyFor, type Secrets } from "#runtime/secrets.ts";
import { createServer, type Server } from "#runtime/server.ts";
import type { Settings } from "#runtime/settings.ts";
import { shownSettings } from "#runtime/shown-settings.ts";
import { createLog, type Log } from "#telemetry/log.ts";
import type { Tracing } from "#telemetry/observer.ts";
import type { Clock } from "#time/clock.ts";
import { version } from "../../../package.json" with { type: "json" };
import { fittingSecrets } from "./master-key.ts";
import { superviseCopies } from "./supervise.ts";

const CLOCK: Clock = {
  now: () => new Date(),
  elapsedMs: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms).unref();
    return () => clearTimeout(timer);
  },
};

/** As much of a process as a copy talks to who started it by. */
const PARENT: Channel = {
  // Whoever started it may have died just now; then it hears of that too, and stops.
  send: (message) => void process.send?.(message, undefined, undefined, () => undefined),
  hear: (listener) => void process.on("message", (message) => listener(message as ToCopy)),
};

/** How long stopping may take before the process leaves anyway, in ms. */
const STOP_WITHIN_MS = 20_000;

/** How long the process may take to end by itself once all is answered and closed, in ms. */
const LINGER_MS = 500;

/** What is running once `start` resolves. */
export interface Started {
  database: Database;
  secrets: Secrets;
  pepper: Uint8Array;
  secretKey: Uint8Array;
  /** Where callers reach the server. */
  url: string;
}

/** Starts the server and runs it until it is told to stop. */
export const serve = command({
  name: "serve",
  purpose: "start the server (what plain `leadgate` does)",
  example: "PORT=8090 leadgate serve",
  options: { "--other-secret": "also when no stored secret opens under the master key, as its own is lost" },
  forms: {
    async ""({ "other-secret": isOtherSecretAllowed }, context) {
      const settings = context.settings();
      const { count, copy } = settings.processes;
      if (count > 1 && copy === undefined) {
        return (await superviseCopies(settings, CLOCK, logOf(settings))) ?? refusePort(settings);
      }
      const sayWhatNext = async ({ database, url }: Started) => {
        if (process.stdout.isTTY && (copy ?? 1) === 1 && (await readConfiguration(database)) === null)
          context.write(whatNext(url));
      };
      return await run(settings, sayWhatNext, isOtherSecretAllowed);
    },
  },
});

/** What to do on a server on which nothing is configured yet. */
export function whatNext(url: string): string {
  return `
Leadgate is running at ${url}. Nothing is configured yet. In another terminal, in this folder:

  leadgate init                  writes leads.yaml, a configuration to begin with
  leadgate plan leads.yaml       says what it would do
  leadgate apply leads.yaml      brings it into force, and shows the suppliers' keys

The console, for a browser: ${url}/console, with the operator key.
The guide: ${url}/docs/quickstart. Every setting: ${url}/docs/configuration. The API: ${url}/docs.
To see it with a demo set-up instead, in an empty folder: leadgate demo

`;
}

/** Starts the server, hands what is running to `whenReady`, and resolves with the exit code when it has stopped. */
export async function run(
  settings: Settings,
  whenReady: (started: Started) => Promise<void>,
  isOtherSecretAllowed = false,
): Promise<number> {
  const log = logOf(settings);
  // What the embedded database makes from here on is for this user alone.
  process.umask(0o077);
  const database = await open(settings, log);
  if (database === undefined) return 1;
  const prepared = await prepare(settings, database, log, isOtherSecretAllowed);
  if (prepared === undefined) return 1;
  const { secrets, config } = prepared;
  const server = createServer(config);
  server.start();
  const stopped = stopWhenTold(server, database, log, settings.processes.copy !== undefined);
  const port = await listen(server, settings);
  if (port === undefined) {
    await server.stop();
    await database.close();
    return 1;
  }
  const url = settings.publicUrl ?? `http://${hostInUrl(settings.host)}:${port}`;
  const { host, memory } = settings;
  log.info("listening", { host, port, database: database.kind, memory, version, pid: process.pid });
  if (secrets.adminKeyCreated) {
    tellOperatorKey(secrets.adminKey, settings.dataDir, log, process.stdout);
  }
  if (settings.processes.copy !== undefined) PARENT.send({ ready: true });
  const isReady = await orUnavailable(
    whenReady({ database, secrets, pepper: config.pepper, secretKey: config.secretKey, url }),
  );
  if (isReady) return stopped;
  await server.stop();
  await database.close();
  return refuse(
    "The database did not answer in time while the set-up was put in. Start it again: what is there stays.",
  );
}

/**
 * What the server is told, once what is stored fits it. Undefined when it does not, or the database is too slow for that: then it is
 * closed, and why is said.
 */
async function prepare(
  settings: Settings,
  database: Database,
  log: Log,
  isOtherSecretAllowed: boolean,
): Promise<{ secrets: Secrets; config: ServerConfig } | undefined> {
  try {
    const secrets = await fittingSecrets(settings, { database, now: CLOCK.now(), isOtherSecretAllowed });
    if (typeof secrets === "string") {
      refuse(secrets);
      await database.close();
      return undefined;
    }
    const tracing = await tracingOf(settings, log);
    const config = serverConfig(settings, { database, secrets, log, tracing });
    if (await sealStored(database, config.secretKey)) log.warn(SEALED);
    return { secrets, config };
  } catch (error) {
    await database.close();
    if (!(error instanceof DatabaseUnavailable)) throw error;
    refuse(
      "The database did not answer in time while the server was started. What is there stays: start it again.",
    );
    return undefined;
  }
}

function logOf({ logFormat: format, logLevel: level, processes: { copy } }: Settings): Log {
  return createLog({
    format,
    level,
    always: { copy },
    write: (line) => process.stderr.write(line),
    now: () => new Date(),
  });
}

/** False when the database was not available for it. */
async function orUnavailable(work: Promise<void>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    if (!(error instanceof DatabaseUnavailable)) throw error;
    return false;
  }
}

const SEALED =
  "secrets in headers and URLs, which an earlier version stored in clear, were sealed under the master key: backups made before, and " +
  "the database's write-ahead log for a while, hold them as they were; change them where that matters";

/** A key belongs on a terminal and in no log, which is where other output ends up; there the file is named that holds it. */
export function tellOperatorKey(
  key: string,
  dataDir: string,
  log: Pick<Log, "info">,
  out: { readonly isTTY: boolean; write(text: string): unknown },
): void {
  if (out.isTTY) out.write(`Operator key, kept in ${dataDir} and shown this once: ${key}\n`);
  else log.info("an operator key was made: it is in the file operator-key in DATA_DIR");
}

interface Opened {
  database: Database;
  secrets: Secrets;
  log: Log;
  tracing: Tracing | undefined;
}

/** What a server is told: the settings, what was opened by them, and keys that are derived from the master key. */
function serverConfig(settings: Settings, { database, secrets, log, tracing }: Opened): ServerConfig {
  return {
    database,
    pepper: keyFor("pepper", secrets.secret),
    tokenKeys: {
      signing: keyFor("ping-tokens", secrets.secret),
      contents: keyFor("ping-contents", secrets.secret),
    },
    operatorKey: secrets.adminKey,
    trustedProxies: settings.trustedProxies,
    version,
    metrics: settings.metrics,
    docs: settings.docs,
    publicUrl: settings.publicUrl,
    secretKey: keyFor("stored-secrets", secrets.secret),
    peers: peersOf(settings, keyFor("peers", secrets.secret)),
    allowedCidrs: settings.webhookAllowCidrs,
    mail: settings.smtp ?? null,
    graphUrl: settings.graphUrl,
    userAgent: `Leadgate/${version}`,
    clock: CLOCK,
    log,
    tracing,
    maxBatch: settings.maxBatch,
    queueLimit: settings.queueLimit,
    // The other half goes on with what is free.
    mostWaiting: Math.ceil(settings.database.writers / 2),
    waitLimitMs: settings.database.deadlineMs,
    supplierBytesPerDay: settings.supplierBytesPerDay,
    requestsPerAddress: settings.requestsPerAddress,
    disk:
      settings.database.databaseUrl === undefined
        ? { directory: settings.dataDir, floorBytes: settings.diskFloorBytes }
        : undefined,
    settings: shownSettings(settings),
    siblings: settings.processes.copy === undefined ? undefined : openSiblings(PARENT, CLOCK),
  };
}

/** With Postgres there may be others; each copy on this machine has a port of its own for them, from that of the settings on. */
function peersOf({ database, peerAddress, processes }: Settings, key: Uint8Array): ServerConfig["peers"] {
  if (database.databaseUrl === undefined) return undefined;
  const copy = processes.copy ?? null;
  const address =
    peerAddress === undefined ? null : { ...peerAddress, port: peerAddress.port + (copy ?? 1) - 1 };
  return { key, copy, address };
}

/** Nothing of OpenTelemetry is loaded unless traces are wanted. */
async function tracingOf({ tracing }: Settings, log: Log): Promise<Tracing | undefined> {
  if (tracing === undefined) return undefined;
  const { openTracing } = await import("#telemetry/traces.ts");
  return openTracing(tracing, { version, clock: CLOCK, log });
}

async function open(settings: Settings, log: Log): Promise<Database | undefined> {
  try {
    return await openDatabase(settings.database, {
      onProblem: (sentence, error) => log.warn(sentence, error === undefined ? {} : { error }),
    });
  } catch (error) {
    if (error instanceof DatabaseRefused) refuse(error.message);
    else if (error instanceof DatabaseUnavailable) refuse(unreachable(settings.database));
    else throw error;
    return undefined;
  }
}

function unreachable({ databaseUrl, dataDir }: Settings["database"]): string {
  return databaseUrl === undefined
    ? `The embedded database in ${dataDir} did not answer in time: this machine is very busy. Start again.`
    : "The database that DATABASE_URL names cannot be reached.";
}

async function listen(server: Server, settings: Settings): Promise<number | undefined> {
  try {
    return await server.listen(settings.host, settings.port);
  } catch (error) {
    if ((error as { code?: unknown }).code !== "EADDRINUSE") throw error;
    refusePort(settings);
    return undefined;
  }
}

function refusePort({ host, port }: Settings): number {
  return refuse(`Port ${port} of ${host} is taken: is Leadgate running already? Set PORT to use another.`);
}

function refuse(sentence: string): number {
  process.stderr.write(`${sentence}\n`);
  return 1;
}

/**
 * Resolves with the exit code once a signal has come and all is answered and closed. A second signal does not wait; of several copies
 * it is their supervisor that does not. A terminal tells Ctrl-C to all of them: they wait for the supervisor's word, or for its end.
 */
function stopWhenTold(server: Server, database: Database, log: Log, isCopy: boolean): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  let stopping = false;
  const stop = async (signal: string) => {
    if (stopping && isCopy) return;
    if (stopping) process.exit(1);
    stopping = true;
    log.info("stopping", { signal });
    let waitsFor = "what is under way";
    const tooLate = setTimeout(() => {
      log.error(`did not stop in time: it waited for ${waitsFor}`);
      process.exit(1);
    }, STOP_WITHIN_MS);
    await server.stop();
    waitsFor = "the connections to the database";
    await database.close();
    clearTimeout(tooLate);
    log.info("stopped");
    resolve(0);
    if (isCopy) process.disconnect?.();
    // A connection to a database that stands still never closes, and must not keep the process.
    setTimeout(() => process.exit(0), LINGER_MS).unref();
  };
  process.on("SIGTERM", () => void stop("SIGTERM"));
  process.on("SIGINT", () => void (isCopy || stop("SIGINT")));
  if (isCopy) process.on("disconnect", () => void stop("disconnect"));
  return promise;
}

function hostInUrl(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "localhost";
  return host.includes(":") ? `[${host}]` : host;
}
