import http, { type IncomingMessage } from "node:http";
import https from "node:https";
import { isIP, type LookupFunction, type Socket } from "node:net";
import { MAX_ANSWER_BYTES } from "#endpoints/answers/answer-reader.ts";
import type { Cidr } from "#text/cidr.ts";
import type { Clock } from "#time/clock.ts";
import { dialableAddresses, isForbidden, type Resolve, resolveBySystem } from "./address.ts";
import { type Answer, type Attempt, failed, type NoAnswer, retryAfterSeconds, textOf } from "./answer.ts";
import type { TransportFailure } from "./failure.ts";

export interface OutgoingRequest {
  readonly url: string;
  readonly method: "POST";
  /** `host`, `content-length`, `connection` and `accept-encoding` are set here, whatever is given. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
  /** For all of it, from looking the name up to the end of the answer, in ms. */
  readonly timeoutMs: number;
  /** Breaks the attempt off: it ends as `interrupted`. */
  readonly signal?: AbortSignal;
}

export interface Sender {
  /**
   * Sends one request, and sends it again only when the kept connection that it went out on turns out to be closed. Resolves with a
   * named failure when no whole answer came; rejects with TypeError on a header that HTTP cannot carry, and with nothing else.
   */
  send(request: OutgoingRequest): Promise<Attempt>;
  /** Breaks off what is in flight and closes the connections that are kept. */
  close(): void;
}

export interface SenderParts {
  readonly clock: Clock;
  /** Private networks that may be reached. */
  readonly allowedCidrs: readonly Cidr[];
  /** The system's resolver when absent. */
  readonly resolve?: Resolve;
  /** Certificate authorities to trust, in PEM; those built in when absent. */
  readonly authorities?: readonly string[];
}

/** For looking up, connecting and the TLS handshake together, in ms. */
const CONNECT_MS = 5_000;
const MAX_HEADER_BYTES = 16 * 1024;
/** Interim answers (1xx) that are read over before the real one. */
const MAX_INTERIM_ANSWERS = 8;
/** Less than the five seconds after which many servers close, so that few requests meet a connection that is closing. */
const KEEP_IDLE_MS = 4_000;
/** How many URLs are remembered. */
const MOST_ENDPOINTS = 1_000;
/** A buyer that moves to another address is followed within this time, however busy its connections are. */
const KEEP_AT_MOST_MS = 60_000;

/**
 * The one way out over HTTP. A name is looked up when it is dialled, and the very addresses that passed `isForbidden` are dialled, so
 * that a name that changes its mind between two look-ups gains nothing. TLS is verified for the name; redirects are not followed; proxy
 * variables of the environment are not read; connections are kept, for each name and port.
 *
 * On node:http and not on fetch. Measured on Bun 1.4.5 with one fast receiver, fetch is faster (54,000 requests/s against 22,000), but it
 * has 256 requests in flight for the whole process, with no way to raise that from inside (the 257th, to a healthy buyer, waits behind
 * 256 to a dead one); it obeys HTTP_PROXY; and it does not tell connecting from waiting.
 */
export function createSender({
  clock,
  allowedCidrs,
  resolve = resolveBySystem,
  authorities,
}: SenderParts): Sender {
  const inFlight = new Set<() => void>();
  /** Where the URLs lead that are sent to; undefined: nowhere that may be called. */
  const endpoints = new Map<string, Endpoint | undefined>();
  let isClosed = false;
  let kept = keptConnections();

  async function send(request: OutgoingRequest): Promise<Attempt> {
    const startedAt = clock.now();
    const began = clock.elapsedMs();
    const endpoint = callableEndpoint(request.url);
    const result = endpoint ? await call(endpoint) : failed("refused_address");
    return { startedAt, durationMs: clock.elapsedMs() - began, result };

    async function call(to: Endpoint): Promise<Answer | NoAnswer> {
      if (isClosed || request.signal?.aborted) return failed("interrupted");
      if (began - kept.since > KEEP_AT_MOST_MS) kept = keptConnections();
      const first = await exchange(to, request, kept.agents[to.protocol], request.timeoutMs);
      if (first !== "closed while kept") return first;
      const second = await exchange(to, request, false, request.timeoutMs - (clock.elapsedMs() - began));
      return second === "closed while kept" ? failed("reset") : second;
    }
  }

  /** Worked out once for each URL: it took 20 of the 65 µs that a request costs. */
  function callableEndpoint(url: string): Endpoint | undefined {
    if (!endpoints.has(url)) {
      if (endpoints.size >= MOST_ENDPOINTS) endpoints.clear();
      const endpoint = endpointOf(url);
      endpoints.set(url, endpoint && mayCall(endpoint) ? endpoint : undefined);
    }
    return endpoints.get(url);
  }

  /** An address that stands in the URL itself is never looked up, so that `look` does not get to see it. */
  function mayCall({ name }: Endpoint): boolean {
    return isIP(name) === 0 || !isForbidden(name, allowedCidrs);
  }

  function keptConnections() {
    const options = { keepAlive: true, timeout: KEEP_IDLE_MS };
    const agents = { "http:": new http.Agent(options), "https:": new https.Agent(options) };
    return { since: clock.elapsedMs(), agents };
  }

  function exchange(
    { protocol, name, port, host, path }: Endpoint,
    { method, headers, body, signal }: OutgoingRequest,
    agent: http.Agent | false,
    timeoutMs: number,
  ): Promise<Answer | NoAnswer | "closed while kept"> {
    const { promise, resolve: settle } = Promise.withResolvers<Answer | NoAnswer | "closed while kept">();
    let stage: Stage = isIP(name) === 0 ? "looking up" : "connecting";
    let status: number | null = null;
    let interimAnswers = 0;
    let isOver = false;

    const outgoing = (protocol === "https:" ? https : http).request({
      agent,
      method,
      host: name,
      port,
      path,
      headers: {
        ...withoutReserved(headers),
        host,
        "content-length": Buffer.byteLength(body),
        "accept-encoding": "identity",
      },
      lookup: look,
      maxHeaderSize: MAX_HEADER_BYTES,
      // Said although it is the default: NODE_TLS_REJECT_UNAUTHORIZED=0 in the environment would turn it off.
      rejectUnauthorized: true,
      ...(isIP(name) === 0 ? { servername: name } : {}),
      ...(authorities ? { ca: [...authorities] } : {}),
    });
    const deadline = setTimeout(overdue, timeoutMs);
    const connectDeadline = setTimeout(overdue, Math.min(CONNECT_MS, timeoutMs));
    inFlight.add(interrupt);
    signal?.addEventListener("abort", interrupt);
    outgoing.on("socket", follow);
    outgoing.on("information", () => {
      interimAnswers += 1;
      if (interimAnswers > MAX_INTERIM_ANSWERS) end(failed("bad_answer"));
    });
    outgoing.on("upgrade", () => end(failed("bad_answer")));
    outgoing.on("response", receive);
    outgoing.on("error", broken);
    outgoing.on("close", broken);
    outgoing.end(body);
    return promise;

    function look(...[, options, dial]: Parameters<LookupFunction>): void {
      dialableAddresses(name, allowedCidrs, resolve).then(
        (addresses) => {
          const [first, ...others] = addresses.map((address) => ({ address, family: isIP(address) }));
          if (!first) end(failed("refused_address"));
          if (!first || isOver) return dial(new Error("There is no address to dial."), "");
          stage = "connecting";
          if (options.all) dial(null, [first, ...others]);
          else dial(null, first.address, first.family);
        },
        (error: Error) => dial(error, ""),
      );
    }

    function follow(socket: Socket): void {
      if (!socket.connecting) return connected();
      if (protocol === "http:") {
        socket.once("connect", connected);
        return;
      }
      socket.once("connect", () => {
        stage = "shaking hands";
      });
      socket.once("secureConnect", connected);
    }

    function connected(): void {
      stage = "waiting";
      clearTimeout(connectDeadline);
    }

    function receive(incoming: IncomingMessage): void {
      const code = incoming.statusCode ?? 0;
      status = code;
      if (code < 200 || code > 599) return end(failed("bad_answer"));
      if (code >= 300 && code < 400) return end(failed("redirect", code));
      const chunks: Buffer[] = [];
      let size = 0;
      incoming.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        size += chunk.length;
        if (size > MAX_ANSWER_BYTES) end(answered());
      });
      // A connection on which the request has not gone out whole cannot carry another one.
      incoming.on("end", () => {
        if (incoming.complete) end(answered(), { keep: outgoing.writableFinished });
        else broken();
      });
      incoming.on("error", broken);

      function answered(): Answer {
        const contentType = incoming.headers["content-type"] ?? null;
        const contentEncoding = incoming.headers["content-encoding"] ?? null;
        return {
          kind: "answered",
          status: code,
          contentType,
          retryAfterSeconds: retryAfterSeconds(incoming.headers["retry-after"], clock.now()),
          body: textOf(Buffer.concat(chunks).subarray(0, MAX_ANSWER_BYTES), { contentType, contentEncoding }),
          truncated: size > MAX_ANSWER_BYTES,
        };
      }
    }

    function overdue(): void {
      end(failed(OVERDUE[stage], status));
    }

    function interrupt(): void {
      end(failed("interrupted", status));
    }

    function broken(error?: NodeJS.ErrnoException): void {
      const failure = failureOf(stage, error?.code ?? "");
      const isStale = failure === "reset" && outgoing.reusedSocket && status === null;
      end(isStale ? "closed while kept" : failed(failure, status));
    }

    function end(result: Answer | NoAnswer | "closed while kept", { keep = false } = {}): void {
      if (isOver) return;
      isOver = true;
      clearTimeout(deadline);
      clearTimeout(connectDeadline);
      inFlight.delete(interrupt);
      signal?.removeEventListener("abort", interrupt);
      if (!keep) outgoing.destroy();
      settle(result);
    }
  }

  function close(): void {
    isClosed = true;
    for (const interrupt of inFlight) interrupt();
    for (const agent of Object.values(kept.agents)) agent.destroy();
  }

  return { send, close };
}

interface Endpoint {
  readonly protocol: "http:" | "https:";
  /** A name without the root's full stop, or an address without brackets. */
  readonly name: string;
  readonly port: string;
  /** As the Host header says it. */
  readonly host: string;
  readonly path: string;
}

/** Where a URL leads; undefined for what is no HTTP URL, and for one with a user name or password in it. */
function endpointOf(text: string): Endpoint | undefined {
  const url = URL.parse(text);
  if (!url || url.username !== "" || url.password !== "") return undefined;
  const { protocol, hostname, port, host } = url;
  if (protocol !== "http:" && protocol !== "https:") return undefined;
  const name = hostname.replace(/^\[(.*)\]$/, "$1").replace(/\.$/, "");
  return {
    protocol,
    name,
    port: port || (protocol === "https:" ? "443" : "80"),
    host,
    path: url.pathname + url.search,
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

function failureOf(stage: Stage, code: string): TransportFailure {
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
