import { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import postgres, { type Sql } from "postgres";
import { type PgliteModules, pgliteModules } from "./pglite-files.ts";

/** What the embedded database's thread is told: to open a directory, messages of Postgres' protocol, to close. */
export type EngineOrder = OpeningOrder | { readonly order: "close" } | Uint8Array;

export interface OpeningOrder {
  readonly order: "open";
  readonly directory: string;
  readonly template: string | undefined;
  readonly modules: PgliteModules;
}

/** What it answers. */
export type EngineAnswer = "opened" | "closed" | { readonly failed: string } | Uint8Array;

/** The embedded database, running in a thread of its own. */
export interface Engine {
  /** Speaks Postgres' protocol like a connection to a server; there can be one. Destroying it ends the thread. */
  readonly socket: Socket;
  /** Writes everything out and ends the thread. */
  close(): Promise<void>;
  /** Ends the thread in the middle of whatever it does, which is as safe as kill -9; resolves when it is gone. */
  kill(): Promise<void>;
}

/**
 * Starts the thread and opens the database in `directory`, made from the archive `template` when there is none.
 *
 * @throws Error when the database can't be opened.
 */
export async function startEngine(directory: string, template: string | undefined): Promise<Engine> {
  const compiling = pgliteModules();
  const worker = new Worker(new URL("./embedded-worker.ts", import.meta.url));
  const gone = new Promise<void>((resolve) => worker.addEventListener("close", () => resolve()));
  const socket = new EngineSocket(worker);
  void gone.then(() => socket.emit("close", false));

  let told = Promise.withResolvers<void>();
  told.promise.catch(() => undefined);
  worker.onmessage = ({ data: answer }: MessageEvent<EngineAnswer>) => {
    if (answer instanceof Uint8Array) socket.emit("data", Buffer.from(answer.buffer));
    else if (typeof answer === "string") told.resolve();
    else {
      told.reject(new Error(`The embedded database failed: ${answer.failed}`));
      worker.terminate();
    }
  };
  worker.onerror = ({ message }) =>
    told.reject(new Error(`The embedded database's thread failed: ${message}`));
  void gone.then(() => told.reject(new Error("The embedded database's thread ended")));

  function tell(order: EngineOrder): Promise<void> {
    told = Promise.withResolvers<void>();
    told.promise.catch(() => undefined);
    worker.postMessage(order);
    return told.promise;
  }

  async function kill(): Promise<void> {
    worker.terminate();
    await gone;
  }

  try {
    await tell({ order: "open", directory, template, modules: await compiling });
  } catch (error) {
    await kill();
    throw error;
  }
  return {
    socket: socket as unknown as Socket,
    async close() {
      await tell({ order: "close" });
      await kill();
    },
    kill,
  };
}

/** The driver's client whose server is the thread; `onnotify` is called for what a channel that it listens to says. */
export function engineClient(
  engine: Pick<Engine, "socket">,
  onclose: () => void,
  onnotify: () => void = () => undefined,
): Sql {
  const options = {
    max: 1,
    onclose,
    max_lifetime: null,
    idle_timeout: 0,
    connect_timeout: 0,
    fetch_types: false,
    onnotice: () => undefined,
    onnotify,
    socket: () => engine.socket,
  };
  return postgres(
    "postgres://postgres@embedded/postgres",
    options as postgres.Options<Record<string, never>>,
  );
}

/** As much of a socket as postgres.js asks for, with the thread at its other end. */
class EngineSocket extends EventEmitter {
  readyState: "open" | "closed" = "open";
  readonly #worker: Worker;

  constructor(worker: Worker) {
    super();
    this.#worker = worker;
  }

  /** postgres.js writes whole messages, which PGlite insists on. */
  write(messages: Uint8Array, written?: () => void): boolean {
    const copy = new Uint8Array(messages);
    this.#worker.postMessage(copy, [copy.buffer]);
    written?.();
    return true;
  }

  end(): void {
    this.destroy();
  }

  destroy(): void {
    if (this.readyState === "closed") return;
    this.readyState = "closed";
    this.#worker.terminate();
  }
}
