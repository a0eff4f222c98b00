import { ok, receive, type Socket } from "./raw-http.ts";

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

const ACCEPTED = Buffer.from(ok({ status: "accepted" }));

let received = nothing();
let ids = new Set<string>();

function nothing(): Received {
  return { requests: 0, distinct: 0, firstAt: Number.NaN, lastAt: Number.NaN };
}

function hear(socket: Socket, head: string): void {
  if (head.startsWith("GET")) return report(socket);
  const now = performance.timeOrigin + performance.now();
  if (received.requests === 0) received.firstAt = now;
  received.lastAt = now;
  received.requests += 1;
  ids.add(/\r\nwebhook-id: (\S+)/i.exec(head)?.[1] ?? "");
  socket.write(ACCEPTED);
}

function report(socket: Socket): void {
  const said = ok({ ...received, distinct: ids.size });
  received = nothing();
  ids = new Set();
  socket.end(said);
}

receive(hear);
