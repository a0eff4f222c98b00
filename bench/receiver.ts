/**
 * A buyer that is no bottleneck: it takes every webhook, counts those that differ, and says 200. Signatures are not looked at; the
 * pretend buyer of the tests does that, at five times the cost. `GET /report` says what came since the last report.
 */

export interface Received {
  requests: number;
  distinct: number;
  /** When the first and the last one arrived, in ms since 1970 with fractions. */
  firstAt: number;
  lastAt: number;
}

interface Caller {
  partial: Buffer | undefined;
}

const ACCEPTED = Buffer.from(
  'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 21\r\n\r\n{"status":"accepted"}',
);

let received = nothing();
let ids = new Set<string>();

function nothing(): Received {
  return { requests: 0, distinct: 0, firstAt: Number.NaN, lastAt: Number.NaN };
}

function hear(socket: Bun.Socket<Caller>, chunk: Buffer): void {
  const { partial } = socket.data;
  const request = partial === undefined ? chunk : Buffer.concat([partial, chunk]);
  const headEnds = request.indexOf("\r\n\r\n");
  const head = headEnds < 0 ? "" : request.toString("latin1", 0, headEnds);
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
  const isWhole = headEnds >= 0 && request.length >= headEnds + 4 + length;
  socket.data.partial = isWhole ? undefined : Buffer.from(request);
  if (!isWhole) return;
  if (head.startsWith("GET")) return report(socket);
  const now = performance.timeOrigin + performance.now();
  if (received.requests === 0) received.firstAt = now;
  received.lastAt = now;
  received.requests += 1;
  ids.add(/\r\nwebhook-id: (\S+)/i.exec(head)?.[1] ?? "");
  socket.write(ACCEPTED);
}

function report(socket: Bun.Socket<Caller>): void {
  const body = JSON.stringify({ ...received, distinct: ids.size });
  received = nothing();
  ids = new Set();
  socket.end(
    `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
}

const { port } = Bun.listen<Caller>({
  hostname: "127.0.0.1",
  port: 0,
  socket: {
    open(socket) {
      socket.data = { partial: undefined };
    },
    data: hear,
  },
});
console.log(JSON.stringify({ port }));
