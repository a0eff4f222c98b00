import http, { type ClientRequest, type IncomingMessage } from "node:http";
import https from "node:https";
import { isIP, type LookupFunction, type Socket } from "node:net";
import { MAX_ANSWER_BYTES } from "#endpoints/answers/answer-reader.ts";
import type { HttpMethod } from "#endpoints/delivery-definition.ts";
import type { Cidr } from "#text/cidr.ts";
import type { Clock } from "#time/clock.ts";
import { dialableAddresses, type Resolve } from "./address.ts";
import { decodeBody, type EndpointAnswer, type NoAnswer, noAnswer, retryAfterSeconds } from "./answer.ts";
import type { Destination } from "./destination.ts";
import type { TransportFailure } from "./failure.ts";

/** A request without its destination. */
export interface OutgoingMessage {
  /** A GET has no body, whatever is given. */
  readonly method: HttpMethod;
  /** `host`, `content-length`, `connection` and `accept-encoding` are set here, whatever is given. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
  /** Breaks the attempt off: it ends as `interrupted`. */
  readonly signal?: AbortSignal;
}

/** Over which connection, and for how long, from looking the name up to the end of the answer, in ms. */
export interface Connecting {
  /** False: over a connection of its own. */
  readonly agent: http.Agent | false;
  readonly timeoutMs: number;
}

export interface ExchangeParts {
  readonly clock: Clock;
  /** Private networks that may be reached. */
  readonly allowedCidrs: readonly Cidr[];
  readonly resolve: Resolve;
  /** Certificate authorities to trust, in PEM; those built in when absent. */
  readonly authorities?: readonly string[];
}

export type ExchangeResult = EndpointAnswer | NoAnswer | "closed while kept";

/** For looking up, connecting and the TLS handshake together, in ms. */
const CONNECT_MS = 5_000;
const MAX_HEADER_BYTES = 16 * 1024;
/** Interim answers (1xx) that are read over before the real one. */
const MAX_INTERIM_ANSWERS = 8;

/** One request and its answer. `closed while kept`: the kept connection that it went out on turned out to be closed. */
export class Exchange {
  readonly result: Promise<ExchangeResult>;
  readonly #settle: (result: ExchangeResult) => void;
  readonly #to: Destination;
  readonly #parts: ExchangeParts;
  readonly #signal: AbortSignal | undefined;
  readonly #outgoing: ClientRequest;
  readonly #deadline: ReturnType<typeof setTimeout>;
  /** Only of a connection that is made anew. */
  #connectDeadline: ReturnType<typeof setTimeout> | undefined;
  #stage: Stage;
  #status: number | null = null;
  #interimAnswers = 0;
  #isOver = false;

  constructor(to: Destination, message: OutgoingMessage, connecting: Connecting, parts: ExchangeParts) {
    const { promise, resolve } = Promise.withResolvers<ExchangeResult>();
    this.result = promise;
    this.#settle = resolve;
    this.#to = to;
    this.#parts = parts;
    this.#signal = message.signal;
    this.#stage = isIP(to.name) === 0 ? "looking up" : "connecting";
    this.#outgoing = this.#open(message, connecting.agent);
    this.#deadline = setTimeout(this.#overdue, connecting.timeoutMs);
    this.#signal?.addEventListener("abort", this.interrupt);
    this.#outgoing.on("socket", (socket) => this.#follow(socket));
    this.#outgoing.on("information", () => this.#countInterimAnswer());
    this.#outgoing.on("upgrade", () => this.#end(noAnswer("bad_answer")));
    this.#outgoing.on("response", (incoming) => this.#receive(incoming));
    this.#outgoing.on("error", this.#broken);
    this.#outgoing.on("close", this.#broken);
    this.#outgoing.end(message.method === "GET" ? undefined : message.body);
  }

  readonly interrupt = (): void => this.#end(noAnswer("interrupted", this.#status));

  #open({ method, headers, body }: OutgoingMessage, agent: http.Agent | false): ClientRequest {
    const { protocol, name, port, host, path } = this.#to;
    const { authorities } = this.#parts;
    return (protocol === "https:" ? https : http).request({
      agent,
      method,
      host: name,
      port,
      path,
      headers: {
        ...withoutReserved(headers),
        host,
        ...(method === "GET" ? {} : { "content-length": Buffer.byteLength(body) }),
        "accept-encoding": "identity",
      },
      lookup: this.#look,
      maxHeaderSize: MAX_HEADER_BYTES,
      // Said although it is the default: NODE_TLS_REJECT_UNAUTHORIZED=0 in the environment would turn it off.
      rejectUnauthorized: true,
      ...(isIP(name) === 0 ? { servername: name } : {}),
      ...(authorities ? { ca: [...authorities] } : {}),
    });
  }

  readonly #look: LookupFunction = (_name, options, dial) => {
    const { allowedCidrs, resolve } = this.#parts;
    dialableAddresses(this.#to.name, allowedCidrs, resolve).then(
      (addresses) => {
        const [first, ...others] = addresses.map((address) => ({ address, family: isIP(address) }));
        if (!first) this.#end(noAnswer("refused_address"));
        if (!first || this.#isOver) return dial(new Error("There is no address to dial."), "");
        this.#stage = "connecting";
        if (options.all) dial(null, [first, ...others]);
        else dial(null, first.address, first.family);
      },
      (error: Error) => dial(error, ""),
    );
  };

  #follow(socket: Socket): void {
    if (!socket.connecting) return this.#connected();
    if (!this.#isOver) this.#connectDeadline = setTimeout(this.#overdue, CONNECT_MS);
    if (this.#to.protocol === "http:") {
      socket.once("connect", () => this.#connected());
      return;
    }
    socket.once("connect", () => {
      this.#stage = "shaking hands";
    });
    socket.once("secureConnect", () => this.#connected());
  }

  #connected(): void {
    this.#stage = "waiting";
    clearTimeout(this.#connectDeadline);
  }

  #countInterimAnswer(): void {
    this.#interimAnswers += 1;
    if (this.#interimAnswers > MAX_INTERIM_ANSWERS) this.#end(noAnswer("bad_answer"));
  }

  #receive(incoming: IncomingMessage): void {
    const status = incoming.statusCode ?? 0;
    this.#status = status;
    if (status < 200 || status > 599) return this.#end(noAnswer("bad_answer"));
    if (status >= 300 && status < 400) return this.#end(noAnswer("redirect", status));
    const chunks: Buffer[] = [];
    let size = 0;
    const answered = () => readAnswer(incoming, status, Buffer.concat(chunks), this.#parts.clock.now());
    incoming.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size > MAX_ANSWER_BYTES) this.#end(answered());
    });
    // A connection on which the request has not gone out whole cannot carry another one.
    incoming.on("end", () => {
      if (incoming.complete) this.#end(answered(), { keep: this.#outgoing.writableFinished });
      else this.#broken();
    });
    incoming.on("error", this.#broken);
  }

  readonly #overdue = (): void => this.#end(noAnswer(OVERDUE[this.#stage], this.#status));

  readonly #broken = (error?: NodeJS.ErrnoException): void => {
    const failure = transportFailure(this.#stage, error?.code ?? "");
    const isStale = failure === "reset" && this.#outgoing.reusedSocket && this.#status === null;
    this.#end(isStale ? "closed while kept" : noAnswer(failure, this.#status));
  };

  #end(result: ExchangeResult, { keep = false } = {}): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#deadline);
    clearTimeout(this.#connectDeadline);
    this.#signal?.removeEventListener("abort", this.interrupt);
    if (!keep) this.#outgoing.destroy();
    this.#settle(result);
  }
}

function readAnswer({ headers }: IncomingMessage, status: number, bytes: Buffer, now: Date): EndpointAnswer {
  const contentType = headers["content-type"] ?? null;
  const contentEncoding = headers["content-encoding"] ?? null;
  return {
    kind: "answered",
    status,
    contentType,
    retryAfterSeconds: retryAfterSeconds(headers["retry-after"], now),
    body: decodeBody(bytes.subarray(0, MAX_ANSWER_BYTES), { contentType, contentEncoding }),
    truncated: bytes.length > MAX_ANSWER_BYTES,
  };
}

const RESERVED = new Set(["host", "content-length", "connection", "accept-encoding", "transfer-encoding"]);

function withoutReserved(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !RESERVED.has(name.toLowerCase())));
}

/** How far an exchange has come. A failure is named by the stage that it fell into: what the runtime calls it varies. */
type Stage = "looking up" | "connecting" | "shaking hands" | "waiting";

const OVERDUE: Record<Stage, TransportFailure> = {
  "looking up": "dns_failure",
  connecting: "connect_timeout",
  "shaking hands": "connect_timeout",
  waiting: "timeout",
};

function transportFailure(stage: Stage, code: string): TransportFailure {
  switch (stage) {
    case "looking up":
      return "dns_failure";
    case "connecting":
      return code === "ETIMEDOUT" ? "connect_timeout" : "connect_failed";
    case "shaking hands":
      return code === "ECONNRESET" ? "reset" : "tls_failure";
    case "waiting":
      if (code === "HPE_HEADER_OVERFLOW") return "header_too_large";
      if (code.startsWith("HPE_")) return "bad_answer";
      // With TLS 1.3 the other side may refuse us (no client certificate) after the handshake is done on ours.
      return code.startsWith("ERR_SSL_") ? "tls_failure" : "reset";
  }
}
