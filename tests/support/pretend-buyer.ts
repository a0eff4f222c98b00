import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { Webhook } from "standardwebhooks";
import type { Certificate } from "./certificates.ts";

/** What it does once a request has arrived whole. */
export type Behaviour = keyof typeof BEHAVIOURS;

/** What has arrived under one `webhook-id`. */
export interface Received {
  count: number;
  /** When the first one arrived, in ms since 1970 with fractions. */
  readonly firstAt: number;
  /** Each body as it came; empty when bodies are not kept. */
  readonly bodies: string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly method: string;
  readonly path: string;
  /** Of each request, beside the bodies. */
  readonly paths: string[];
}

export interface PretendBuyer {
  readonly port: number;
  /** Where it is called; with a behaviour, one that this request is met with whatever `behave` said. */
  url(behaviour?: Behaviour): string;
  /** Where it is asked for a bid, and bids this price under the reference `R-<price>`. */
  biddingUrl(price: string): string;
  behave(behaviour: Behaviour): void;
  /** Verifies from now on with these; a request that none of them fits is answered 401 and not counted as received. */
  trust(secrets: readonly string[]): void;
  /** By `webhook-id`; those without one are under the empty text. */
  readonly received: ReadonlyMap<string, Received>;
  readonly seen: { requests: number; badSignatures: number; connections: number; bytesSent: number };
  /** How many connections are open. */
  open(): number;
  close(): Promise<void>;
}

export interface PretendBuyerOptions {
  readonly port?: number;
  readonly host?: string;
  readonly secrets?: readonly string[];
  readonly behaviour?: Behaviour;
  /** Speaks TLS with it. */
  readonly tls?: Certificate;
  /** False counts alone, for runs of many thousands. */
  readonly keepBodies?: boolean;
  /** True remembers nothing of what came, for runs of many hours. */
  readonly forgets?: boolean;
  /** How a request is met whose address names no behaviour; without it, as `behave` said. */
  readonly choose?: (request: Pick<Request, "path" | "headers">) => Behaviour;
}

/**
 * A buyer that verifies each signature with the reference library, remembers what it got, and misbehaves on command. It speaks HTTP by
 * hand over a socket: most of what it must do wrong, no server library would let it.
 */
export async function startPretendBuyer(options: PretendBuyerOptions = {}): Promise<PretendBuyer> {
  const received = new Map<string, Received>();
  const seen = { requests: 0, badSignatures: 0, connections: 0, bytesSent: 0 };
  const sockets = new Set<Socket>();
  const keepBodies = options.keepBodies ?? true;
  let behaviour: Behaviour = options.behaviour ?? "accept";
  let webhooks: readonly Webhook[] = [];
  const trust = (secrets: readonly string[]) => {
    webhooks = secrets.map((secret) => new Webhook(secret));
  };
  trust(options.secrets ?? []);

  const server = await listen(options, (socket) => {
    seen.connections += 1;
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
    const client: Client = {
      socket,
      nth: 0,
      write(data) {
        seen.bytesSent += data.length;
        return socket.write(data);
      },
    };
    onRequests(socket, (request) => {
      client.nth += 1;
      if (request.path.startsWith("/_")) return control(request, client);
      seen.requests += 1;
      if (!isSigned(request)) {
        seen.badSignatures += 1;
        return answer(client, 401, '{"status":"error"}');
      }
      if (options.forgets !== true) remember(request);
      const asked = request.path.slice(1);
      if (asked.startsWith(BIDDING)) return bid(client, asked.slice(BIDDING.length));
      if (asked in BEHAVIOURS) return BEHAVIOURS[asked as Behaviour](client);
      BEHAVIOURS[options.choose?.(request) ?? behaviour](client);
    });
  });
  const { port } = server.address() as AddressInfo;
  const origin = `${options.tls ? "https" : "http"}://${options.host ?? "127.0.0.1"}:${port}`;

  /** A GET has no body, and its path and query are signed instead. */
  function isSigned({ method, path, headers, body }: Request): boolean {
    const signed = method === "GET" ? path : body.toString("utf8");
    return webhooks.length === 0 || webhooks.some((webhook) => fits(webhook, headers, signed));
  }

  function remember({ method, headers, body, path }: Request): void {
    const id = headers["webhook-id"] ?? "";
    const known = received.get(id) ?? {
      count: 0,
      firstAt: performance.timeOrigin + performance.now(),
      bodies: [],
      headers: keepBodies ? headers : {},
      method,
      path,
      paths: [],
    };
    known.count += 1;
    if (keepBodies) {
      known.bodies.push(body.toString("utf8"));
      known.paths.push(path);
    }
    received.set(id, known);
  }

  /** What a bench or fault test in another process asks: `/_report`, `/_received` (id, count, first arrival), `/_trust`, `/_behave`. */
  function control({ path, body }: Request, client: Client): void {
    if (path === "/_trust") trust(JSON.parse(body.toString("utf8")) as string[]);
    if (path === "/_behave") behaviour = body.toString("utf8") as Behaviour;
    const lines = () => Array.from(received, ([id, { count, firstAt }]) => `${id},${count},${firstAt}`);
    const report = () => JSON.stringify({ ...seen, distinct: received.size, open: sockets.size });
    answer(client, 200, path === "/_received" ? lines().join("\n") : report());
  }

  return {
    port,
    url: (fixed) => `${origin}/${fixed ?? ""}`,
    biddingUrl: (price) => `${origin}/${BIDDING}${price}`,
    behave: (next) => {
      behaviour = next;
    },
    trust,
    received,
    seen,
    open: () => sockets.size,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((closed) => server.close(closed));
    },
  };
}

interface Client {
  readonly socket: Socket;
  /** Which request of its connection this is, from 1. */
  nth: number;
  /** False when the other side reads more slowly than we write. */
  write(data: string | Buffer): boolean;
}

const BIDDING = "bids/";

function bid(client: Client, price: string): void {
  answer(client, 200, JSON.stringify({ status: "accepted", bid_price: price, reference: `R-${price}` }));
}

/** Slow, and soon enough for most deadlines. */
const SLOWLY_MS = 700;
const MEBIBYTE = 1024 * 1024;
const BOMB = gzipSync(Buffer.alloc(10 * MEBIBYTE));
const CHUNK = Buffer.alloc(64 * 1024, "x");

const BEHAVIOURS = {
  accept: (client: Client) => answer(client, 200, '{"status":"accepted","reference":"R-1"}'),
  slow: (client: Client) => {
    setTimeout(() => BEHAVIOURS.accept(client), SLOWLY_MS);
  },
  "reject-json": (client: Client) => answer(client, 200, '{"status":"rejected","reason":"no budget"}'),
  duplicate: (client: Client) => answer(client, 200, '{"status":"duplicate"}'),
  "reject-xml": (client: Client) =>
    answer(client, 200, "<response><status>rejected</status></response>", ["content-type: text/xml"]),
  fail: (client: Client) => answer(client, 500, '{"status":"error"}'),
  gateway: (client: Client) => answer(client, 504, ""),
  "too-many": (client: Client) => answer(client, 429, "", ["retry-after: 7"]),
  gone: (client: Client) => answer(client, 410, ""),
  redirect: (client: Client) =>
    answer(client, 302, "", ["location: http://169.254.169.254/latest/meta-data/"]),
  hang: () => {},
  reset: ({ socket }: Client) => {
    socket.resetAndDestroy();
  },
  /** Answers one request for each connection, and drops the connection when the next one is in. */
  "drop-second": (client: Client) => {
    if (client.nth > 1) client.socket.destroy();
    else answer(client, 200, '{"status":"accepted"}');
  },
  "drip-body": (client: Client) => {
    client.write("HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n");
    drip(client, "x");
  },
  "drip-header": (client: Client) => {
    client.write("HTTP/1.1 200 OK\r\n");
    drip(client, "x-a: b\r\n");
  },
  "huge-body": (client: Client) => {
    client.write(`HTTP/1.1 200 OK\r\ncontent-length: ${1024 * MEBIBYTE}\r\n\r\n`);
    pour(client, 1024 * MEBIBYTE);
  },
  "gzip-bomb": (client: Client) => {
    client.write(
      `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\ncontent-length: ${BOMB.length}\r\n\r\n`,
    );
    client.write(BOMB);
  },
  "header-flood": (client: Client) => {
    const headers = Array.from({ length: 10_000 }, (_, index) => `x-flood-${index}: ${"v".repeat(20)}`);
    answer(client, 200, "{}", headers);
  },
  "interim-flood": (client: Client) => {
    client.write("HTTP/1.1 103 Early Hints\r\n\r\n".repeat(1000));
  },
  upgrade: (client: Client) => {
    client.write("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n");
  },
  babble: (client: Client) =>
    answer(client, 200, "<html><body>Welcome!</body></html>", ["content-type: text/html"]),
  garbage: (client: Client) => {
    client.write("220 mail.example ESMTP\r\n");
  },
  "cut-off": (client: Client) => {
    client.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"status":');
    client.socket.end();
  },
  "cut-off-chunked": (client: Client) => {
    client.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\na\r\n{"status":\r\n');
    client.socket.end();
  },
} satisfies Record<string, (client: Client) => void>;

function answer(client: Client, status: number, body: string, headers: readonly string[] = []): void {
  const type = headers.some((header) => header.startsWith("content-type"))
    ? []
    : ["content-type: application/json"];
  const lines = [
    `HTTP/1.1 ${status} Pretended`,
    ...headers,
    ...type,
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  client.write(`${lines.join("\r\n")}\r\n\r\n${body}`);
}

function drip(client: Client, drop: string): void {
  const timer = setInterval(() => client.write(drop), 10);
  client.socket.on("close", () => clearInterval(timer));
}

/** Writes `size` bytes, never more ahead than the socket takes. */
function pour(client: Client, size: number): void {
  let left = size;
  const more = () => {
    while (left > 0 && !client.socket.destroyed) {
      left -= CHUNK.length;
      if (!client.write(CHUNK)) return;
    }
  };
  client.socket.on("drain", more);
  more();
}

function fits(webhook: Webhook, headers: Readonly<Record<string, string>>, body: string): boolean {
  try {
    webhook.verify(body, headers, { jsonParse: false });
    return true;
  } catch {
    return false;
  }
}

interface Request {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Reads one request after another off a connection; bodies must say their length, as ours do. */
function onRequests(socket: Socket, take: (request: Request) => void): void {
  let pending: Buffer = Buffer.alloc(0);
  socket.on("data", (data: Buffer) => {
    pending = pending.length === 0 ? data : Buffer.concat([pending, data]);
    for (;;) {
      const headEnd = pending.indexOf("\r\n\r\n");
      if (headEnd < 0) return;
      const [requestLine = "", ...lines] = pending.toString("latin1", 0, headEnd).split("\r\n");
      const headers: Record<string, string> = {};
      for (const line of lines) {
        const colon = line.indexOf(":");
        headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
      }
      const end = headEnd + 4 + Number(headers["content-length"] ?? 0);
      if (pending.length < end) return;
      const body = pending.subarray(headEnd + 4, end);
      pending = pending.subarray(end);
      const [method = "", path = ""] = requestLine.split(" ");
      take({ method, path, headers, body });
    }
  });
}

function listen(options: PretendBuyerOptions, onConnection: (socket: Socket) => void): Promise<Server> {
  const server = options.tls ? createTlsServer({ ...options.tls }, onConnection) : createServer(onConnection);
  // A caller that breaks off during the handshake is none of our concern.
  server.on("tlsClientError", () => {});
  return new Promise((resolve) => {
    server.listen(options.port ?? 0, "127.0.0.1", () => resolve(server));
  });
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      port: { type: "string", default: "0" },
      secret: { type: "string", multiple: true, default: [] },
      behave: { type: "string", default: "accept" },
    },
  });
  const buyer = await startPretendBuyer({
    port: Number(values.port),
    secrets: values.secret,
    behaviour: values.behave as Behaviour,
    keepBodies: false,
  });
  console.log(buyer.port);
}
