import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ConfigurationDocument } from "#campaigns/document.ts";
import { SHORT_LIFE } from "./at-end.ts";
import { OPERATOR_KEY } from "./leadgate.ts";

/**
 * Leadgate as its users run it: a process of its own, that signals end and that comes back on the same port. Declared with
 * `await using` it does not outlive its test, and leaves no files of its own.
 */
export interface LeadgateProcess extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  /** Of this life; 0 when it was never started. */
  readonly pid: number;
  /** All that it has written so far, over all its lives. */
  written(): string;
  /** Ends it in the middle of whatever it does. */
  kill(): Promise<void>;
  /** Starts it again on its port and its data; resolves when it is ready. */
  start(): Promise<void>;
  signal(name: "SIGTERM" | "SIGINT" | "SIGSTOP" | "SIGCONT"): void;
  /** Resolves with the exit code of this life. */
  exited(): Promise<number>;
  /** SIGTERM, and the exit code. */
  stop(): Promise<number>;
  /** The HTTP status of `GET path`; 0 when nobody answers. */
  status(path: "/livez" | "/readyz"): Promise<number>;
  /** Resolves when `GET path` answers with `status`. */
  until(path: "/livez" | "/readyz", status: number): Promise<void>;
  /** Puts a document in force; answers its revision and the keys of new suppliers. */
  configure(document: ConfigurationDocument): Promise<Configured>;
}

export interface Configured {
  revision: number;
  /** By supplier. */
  keys: Record<string, string>;
}

export interface ProcessSettings {
  /** Absent: the embedded database in `dataDir`. With it, the server gets a folder of its own for its data. */
  databaseUrl?: string | undefined;
  dataDir: string;
  /** Absent: what TEST_EXECUTABLE names, or from source. */
  executable?: string;
  /** Further variables; of some only the port tells. */
  environment?: Readonly<Record<string, string>> | ((port: number) => Readonly<Record<string, string>>);
}

/** Starts a server on a free port and waits until it is ready. */
export async function startLeadgate(settings: ProcessSettings): Promise<LeadgateProcess> {
  const leadgate = await prepareLeadgate(settings);
  await leadgate.start();
  return leadgate;
}

/** A server that was not started yet. */
export async function prepareLeadgate(settings: ProcessSettings): Promise<LeadgateProcess> {
  const ownFolder = await mkdtemp(join(tmpdir(), "leadgate-process-"));
  const dataDir = settings.databaseUrl === undefined ? settings.dataDir : ownFolder;
  const port = freePort();
  const url = `http://127.0.0.1:${port}`;
  let written = "";
  let child = undefined as Bun.Subprocess<"ignore", "pipe", "pipe"> | undefined;
  let heard: Promise<unknown> = Promise.resolve();

  function launch(): void {
    child = Bun.spawn([...program(settings.executable), "serve"], {
      cwd: join(import.meta.dir, "../.."),
      env: {
        ...SHORT_LIFE,
        HOME: dataDir,
        HOST: "127.0.0.1",
        PORT: String(port),
        DATA_DIR: dataDir,
        ...(settings.databaseUrl === undefined ? {} : { DATABASE_URL: settings.databaseUrl }),
        LEADGATE_SECRET: "one-secret-for-all-servers-of-the-tests",
        LEADGATE_ADMIN_KEY: OPERATOR_KEY,
        LEADGATE_LOG_LEVEL: "debug",
        LOG_FORMAT: "json",
        ...(typeof settings.environment === "function" ? settings.environment(port) : settings.environment),
      },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    const { stdout, stderr } = child;
    heard = Promise.all([stdout, stderr].map(hear));
  }

  async function hear(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of stream) written += decoder.decode(chunk, { stream: true });
  }

  async function exited(): Promise<number> {
    if (child === undefined) throw new Error("this Leadgate was never started");
    const code = await child.exited;
    await heard;
    return code;
  }

  async function status(path: string): Promise<number> {
    try {
      // Not kept alive: an idle connection of ours would be one more for a server that stops to close.
      const response = await fetch(`${url}${path}`, {
        keepalive: false,
        signal: AbortSignal.timeout(LONGEST_WAIT_MS),
      });
      await response.arrayBuffer();
      return response.status;
    } catch {
      return 0;
    }
  }

  async function until(path: string, wanted: number): Promise<void> {
    await untilTrue(async () => {
      if (child?.exitCode !== null) throw new Error(`Leadgate ended by itself:\n${written}`);
      return (await status(path)) === wanted;
    }, `${path} to answer ${wanted}`);
  }

  async function kill(): Promise<void> {
    child?.kill("SIGKILL");
    if (child !== undefined) await exited();
  }

  return {
    port,
    url,
    get pid() {
      return child?.pid ?? 0;
    },
    written: () => written,
    kill,
    async [Symbol.asyncDispose]() {
      await kill();
      await rm(ownFolder, { recursive: true });
    },
    async start() {
      launch();
      await until("/readyz", 200);
    },
    signal: (name) => child?.kill(name),
    exited,
    async stop() {
      child?.kill("SIGTERM");
      return await exited();
    },
    status,
    until,
    async configure(document) {
      const response = await putInForce(url, document);
      const text = await response.text();
      if (response.status !== 200) throw new Error(`refused: ${text}`);
      const { data } = JSON.parse(text) as {
        data: { revision: number; created_keys: { supplier_id: string; key: string }[] };
      };
      const keys = data.created_keys.map(({ supplier_id, key }) => [supplier_id, key] as const);
      return { revision: data.revision, keys: Object.fromEntries(keys) };
    },
  };
}

/** A server that is not up to it yet, as on a busy machine, says so, and takes nothing in. */
async function putInForce(url: string, document: ConfigurationDocument): Promise<Response> {
  for (const giveUp = performance.now() + LONGEST_WAIT_MS; ; await Bun.sleep(500)) {
    const response = await fetch(`${url}/api/v1/admin/config`, {
      method: "PUT",
      keepalive: false,
      headers: { authorization: `Bearer ${OPERATOR_KEY}`, "content-type": "application/json" },
      body: JSON.stringify(document),
    });
    if (response.status !== 503 || performance.now() > giveUp) return response;
    await response.arrayBuffer();
  }
}

/** Starts one that is expected to give up by itself; resolves with its exit code and what it wrote. */
export async function runLeadgate(settings: ProcessSettings): Promise<{ code: number; written: string }> {
  await using leadgate = await prepareLeadgate(settings);
  leadgate.start().catch(() => undefined);
  return { code: await leadgate.exited(), written: leadgate.written() };
}

/** Asks again and again until the answer is yes. */
export async function untilTrue(ask: () => Promise<boolean> | boolean, what: string): Promise<void> {
  const giveUp = performance.now() + LONGEST_WAIT_MS;
  while (!(await ask())) {
    if (performance.now() > giveUp) throw new Error(`waited in vain for ${what}`);
    await Bun.sleep(10);
  }
}

const LONGEST_WAIT_MS = 100_000;

/** What starts the program: the executable that TEST_EXECUTABLE names, or from source. */
export function program(executable = process.env["TEST_EXECUTABLE"]): string[] {
  return executable === undefined
    ? [process.execPath, join(import.meta.dir, "../../src/main.ts")]
    : [executable];
}

/**
 * Below the range from which the system takes the near ends of connections: a client that keeps dialling a port of that range
 * while nobody listens ends up connected to itself, and holds the port.
 */
function freePort(): number {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    try {
      Bun.listen({ hostname: "127.0.0.1", port, socket: { data() {} } }).stop(true);
      return port;
    } catch {
      // Taken; the next one, then.
    }
  }
}
