/**
 * A closed loop of callers, each on a connection of its own: send a lead, wait for its answer, send the next. With a pace, a lead is
 * sent whenever one is due, on any connection that is free. It runs as a process of its own and does next to nothing per lead, so
 * that what it measures is the server: raw sockets, requests written once and then only given the digits that make each lead
 * another person.
 */

export interface Load {
  port: number;
  key: string;
  /** Absent: leads are sent; else they are pinged. */
  route?: "ping";
  /** Each connection sends to one of them, in turn. */
  campaigns: readonly string[];
  supplier: string;
  connections: number;
  warmUpSeconds: number;
  seconds: number;
  /** Leads a second, evenly spread; absent: as many as the connections can. */
  pace?: number;
  /** Number of the first person; the people of two loads on one database must not overlap. */
  firstPerson: number;
}

/** Latencies in ms. */
export interface Measured {
  leadsPerSecond: number;
  p50: number;
  p99: number;
  longest: number;
  /** How many answers had which HTTP status, warm-up included. */
  answers: Record<string, number>;
  /** CPU time of the load itself, in µs a lead. */
  ownCpu: number;
}

interface Caller {
  request: Buffer;
  /** Where the digits of phone and e-mail stand in the request. */
  digitsAt: readonly number[];
  sentAt: number;
  /** What has come of the answer, unless it came whole. */
  partial: Buffer | undefined;
  done: boolean;
}

/** Digits that tell people apart: 10 in the phone, of which the first never changes. */
const DIGITS = 9;
const STATES = ["TX", "OK", "CA", "FL", "NV"];

/** Runs one load to its end. Throws when a connection is lost or an answer can't be read. */
async function run(load: Load): Promise<Measured> {
  const latencies: number[] = [];
  const answers: Record<string, number> = {};
  const begins = performance.now() + load.warmUpSeconds * 1000;
  const ends = begins + load.seconds * 1000;
  const over = Promise.withResolvers<void>();
  const free: Bun.Socket<Caller>[] = [];
  let person = load.firstPerson;
  let calling = load.connections;

  function call(socket: Bun.Socket<Caller>): void {
    const caller = socket.data;
    for (const at of caller.digitsAt) writeDigits(caller.request, at, person);
    person += 1;
    caller.sentAt = performance.now();
    if (socket.write(caller.request) !== caller.request.length) {
      over.reject(new Error("a request did not fit the socket's buffer"));
    }
  }

  function hear(socket: Bun.Socket<Caller>, chunk: Buffer): void {
    const caller = socket.data;
    const answer = caller.partial === undefined ? chunk : Buffer.concat([caller.partial, chunk]);
    const status = statusOfWhole(answer);
    caller.partial = status === undefined ? Buffer.from(answer) : undefined;
    if (status === undefined) return;
    const now = performance.now();
    answers[status] = (answers[status] ?? 0) + 1;
    if (now >= begins && now < ends) latencies.push(now - caller.sentAt);
    if (now >= ends) leave(socket);
    else next(socket);
  }

  function next(socket: Bun.Socket<Caller>): void {
    if (load.pace === undefined) call(socket);
    else free.push(socket);
  }

  /** Sends what is due by now; what finds no connection free is sent late. */
  function keepPace(pace: number, started: number): void {
    const timer = setInterval(() => {
      const now = performance.now();
      const due = load.firstPerson + ((Math.min(now, ends) - started) / 1000) * pace;
      // In turn: the server ends a connection that nothing is sent on for long.
      while (person < due && free.length > 0) call(free.shift() as Bun.Socket<Caller>);
      if (now < ends) return;
      clearInterval(timer);
      for (const socket of free.splice(0)) leave(socket);
    }, 1);
  }

  function leave(socket: Bun.Socket<Caller>): void {
    calling -= 1;
    socket.data.done = true;
    socket.end();
    if (calling === 0) over.resolve();
  }

  function lost(socket: Bun.Socket<Caller>): void {
    if (!socket.data.done) over.reject(new Error("the server closed a connection"));
  }

  for (let index = 0; index < load.connections; index++) {
    void Bun.connect<Caller>({
      hostname: "127.0.0.1",
      port: load.port,
      data: { ...requestOf(load, index), sentAt: 0, partial: undefined, done: false },
      socket: { open: next, data: hear, error: lost, close: lost },
    }).catch(over.reject);
  }
  if (load.pace !== undefined) keepPace(load.pace, performance.now());
  await over.promise;
  const sorted = Float64Array.from(latencies).sort();
  const cpu = process.cpuUsage();
  return {
    leadsPerSecond: latencies.length / load.seconds,
    p50: quantile(sorted, 0.5),
    p99: quantile(sorted, 0.99),
    longest: quantile(sorted, 1),
    answers,
    ownCpu: (cpu.user + cpu.system) / (person - load.firstPerson),
  };
}

/** The status of an answer that is all there, by its Content-Length. */
function statusOfWhole(answer: Buffer): number | undefined {
  const headEnds = answer.indexOf("\r\n\r\n");
  if (headEnds < 0) return undefined;
  const length = /\r\ncontent-length: (\d+)/i.exec(answer.toString("latin1", 0, headEnds))?.[1];
  if (length === undefined) throw new Error("an answer has no Content-Length");
  return answer.length < headEnds + 4 + Number(length) ? undefined : Number(answer.toString("latin1", 9, 12));
}

function requestOf(load: Load, index: number): { request: Buffer; digitsAt: number[] } {
  const hole = "#".repeat(DIGITS);
  const body = JSON.stringify({
    flo_campaign_id: load.campaigns[index % load.campaigns.length],
    flo_supplier_id: load.supplier,
    // A ping does not tell whose lead it is, but for what lists and duplicates are compared by.
    ...(load.route === undefined && { first_name: "Jordan", last_name: "Rivera" }),
    phone: `2${hole}`,
    email: `Jordan.${hole}@example.com`,
    state: STATES[index % STATES.length],
    zip_code: "78701",
    source: "search",
    case_type: index % 3 === 0 ? "slip" : "auto",
    incident_date: "2026-01-15",
    roof_age: 5 + (index % 40),
  });
  const head = [
    `POST /api/v1/${load.route ?? "ingest"} HTTP/1.1`,
    `host: 127.0.0.1:${load.port}`,
    `x-api-key: ${load.key}`,
    "content-type: application/json",
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  const request = Buffer.from(`${head.join("\r\n")}\r\n\r\n${body}`);
  const phoneAt = request.indexOf(hole);
  return { request, digitsAt: [phoneAt, request.indexOf(hole, phoneAt + DIGITS)] };
}

function writeDigits(into: Buffer, at: number, value: number): void {
  let rest = value;
  for (let place = at + DIGITS - 1; place >= at; place--) {
    into[place] = 48 + (rest % 10);
    rest = Math.floor(rest / 10);
  }
}

function quantile(sorted: Float64Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

if (import.meta.main) {
  console.log(JSON.stringify(await run(JSON.parse(process.argv[2] ?? "") as Load)));
}
