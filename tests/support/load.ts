import type { AcknowledgedLead } from "./leadgate.ts";
import { type Line, LineBroken, openLine, type WireAnswer } from "./line.ts";

/** A lead to be sent. */
export interface Outgoing {
  readonly body: Readonly<Record<string, unknown>>;
  readonly idempotencyKey?: string;
}

/** An answer that took no lead in. */
export interface Refusal {
  readonly httpStatus: number;
  readonly error: string;
  /** Seconds, as the body says, and as the header says. */
  readonly retryAfter: unknown;
  readonly retryAfterHeader: string | undefined;
}

/**
 * Suppliers that send leads, each over a line of its own: one lead, its answer, the next. One that is told to come back later, or
 * whose line breaks, does what suppliers should: it sends the same lead again, with the same Idempotency-Key. A load that is not
 * over goes on for ever: declare it with `await using`.
 */
export interface Load extends AsyncDisposable {
  /** What they were told of leads that were taken in, in the order of the answers. */
  readonly acknowledged: readonly AcknowledgedLead[];
  readonly refusals: readonly Refusal[];
  /** How often a line broke before the answer came: nobody could know then what had become of the lead. */
  readonly broken: number;
  /** How often an answer was the first one given again. */
  readonly replayed: number;
  /** How often an answer took longer than `patienceMs`. */
  readonly hung: number;
  /** Everything they were told, word for word. */
  said(): string;
  /** Resolves when as many leads were acknowledged. */
  acknowledging(count: number): Promise<void>;
  /** Resolves when the leads are used up and all of them are acknowledged. */
  readonly done: Promise<void>;
  /** Takes no new leads, and resolves when all that were begun are acknowledged. */
  finish(): Promise<void>;
  /** Sends nothing more, and resolves when what is on the lines is answered. */
  abandon(): Promise<void>;
}

export interface LoadSettings {
  /** The lines are shared out among these servers. */
  readonly ports: readonly number[];
  readonly lines: number;
  readonly key: string;
  readonly leads: Iterable<Outgoing>;
  /** An answer that takes longer, in ms, counts as one that will never come. */
  readonly patienceMs?: number;
  /**
   * How long a supplier waits before it sends a lead again, in ms: a little by default, where real ones wait the seconds they are told. A
   * lead that is put off once more waits twice as long, up to a second.
   */
  readonly pauseMs?: number;
  /** How long it waits after an answer before it sends its next lead, in ms: by default not at all. */
  readonly restMs?: number;
}

/** Resolves when all lines are open, so that all of them begin at once. */
export async function startLoad(settings: LoadSettings): Promise<Load> {
  const { ports, key, patienceMs = 30_000, pauseMs = PAUSE_MS, restMs = 0 } = settings;
  const leads = settings.leads[Symbol.iterator]();
  const again: PutOff[] = [];
  const acknowledged: AcknowledgedLead[] = [];
  const refusals: Refusal[] = [];
  const said: string[] = [];
  const counts = { broken: 0, replayed: 0, hung: 0 };
  const waiting: { count: number; resolve: () => void }[] = [];
  const ended = Promise.withResolvers<void>();
  let onTheWire = 0;
  let noMore = false;
  let over = false;

  /** One supplier's whole life. It takes a lead only when its line is open: a lead is either on the wire or waits for any of them. */
  async function supply(port: number, opened: Line | undefined): Promise<void> {
    let line = opened;
    while (!over) {
      if (line?.isOpen !== true) line = await reopen(port);
      if (line === undefined) continue;
      const next = nextLead();
      if (next !== undefined) {
        onTheWire += 1;
        const isDone = await send(next.lead, line);
        onTheWire -= 1;
        if (!isDone) again.push(putOff(next));
        await rest(isDone ? restMs : pauseMs);
      } else {
        if (onTheWire === 0 && again.length === 0) end();
        await rest(pauseMs);
      }
    }
    line?.close();
  }

  async function rest(ms: number): Promise<void> {
    if (!over && ms > 0) await Promise.race([Bun.sleep(ms), ended.promise]);
  }

  function end(): void {
    over = true;
    ended.resolve();
  }

  function nextLead(): Pick<PutOff, "lead" | "times"> | undefined {
    const due = again.findIndex(({ until }) => until <= performance.now());
    if (due >= 0) return again.splice(due, 1)[0];
    if (noMore) return undefined;
    const { value, done } = leads.next();
    noMore = done === true;
    return noMore ? undefined : { lead: value, times: 0 };
  }

  /** What waits for a server that died is put off for a minute: asked forty times a second, the others did little else. */
  function putOff({ lead, times }: Pick<PutOff, "lead" | "times">): PutOff {
    const ms = Math.max(pauseMs, Math.min(LONGEST_PAUSE_MS, pauseMs * 2 ** times));
    return { lead, times: times + 1, until: performance.now() + ms };
  }

  /** False when the lead has to be sent again. */
  async function send(lead: Outgoing, line: Line): Promise<boolean> {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      counts.hung += 1;
      line.close();
    }, patienceMs);
    try {
      return hear(await line.ask(requestOf(lead, key)));
    } catch (error) {
      if (!(error instanceof LineBroken)) throw error;
      if (!isLate) counts.broken += 1;
      return false;
    } finally {
      clearTimeout(timer);
    }
  }

  function hear({ httpStatus, head, body }: WireAnswer): boolean {
    said.push(head, body);
    if (head.includes("\r\nidempotent-replayed: true")) counts.replayed += 1;
    const answer = JSON.parse(body) as { data?: AcknowledgedLead; error?: string; retry_after?: unknown };
    if (answer.data !== undefined) {
      acknowledged.push(answer.data);
      for (const { count, resolve } of waiting) if (acknowledged.length >= count) resolve();
      return true;
    }
    const retryAfterHeader = /\r\nretry-after: (.*)/.exec(head)?.[1];
    refusals.push({
      httpStatus,
      error: answer.error ?? "",
      retryAfter: answer.retry_after,
      retryAfterHeader,
    });
    // Anything else is a failure of the test, and more of it would only fill the log.
    if (httpStatus !== 503 && answer.error !== "idempotency_in_flight") end();
    return over;
  }

  const portOf = (index: number) => ports[index % ports.length] ?? 0;
  const lines: (Line | undefined)[] = [];
  // Not all at once: a listener's queue holds some hundreds, and who finds it full tries again after a second.
  while (lines.length < settings.lines) {
    const more = Math.min(100, settings.lines - lines.length);
    const opening = Array.from({ length: more }, (_, at) => reopen(portOf(lines.length + at)));
    lines.push(...(await Promise.all(opening)));
  }
  const done = Promise.all(lines.map((line, index) => supply(portOf(index), line))).then(() => undefined);

  async function abandon(): Promise<void> {
    end();
    await done;
  }

  return {
    acknowledged,
    refusals,
    get broken() {
      return counts.broken;
    },
    get replayed() {
      return counts.replayed;
    },
    get hung() {
      return counts.hung;
    },
    said: () => said.join("\n"),
    async acknowledging(count) {
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.push({ count, resolve });
      if (acknowledged.length >= count) resolve();
      await Promise.race([promise, done]);
      if (acknowledged.length < count)
        throw new Error(
          `the load ended with ${acknowledged.length} leads acknowledged, not ${count}; last refusal: ${JSON.stringify(refusals.at(-1))}`,
        );
    },
    done,
    async finish() {
      noMore = true;
      await done;
    },
    abandon,
    [Symbol.asyncDispose]: abandon,
  };
}

const PAUSE_MS = 25;
const LONGEST_PAUSE_MS = 1_000;

/** A lead that has to be sent again, and not before `until`. */
interface PutOff {
  lead: Outgoing;
  times: number;
  until: number;
}

async function reopen(port: number): Promise<Line | undefined> {
  try {
    return await openLine(port);
  } catch {
    await Bun.sleep(PAUSE_MS);
    return undefined;
  }
}

function requestOf({ body, idempotencyKey }: Outgoing, key: string): string {
  const text = JSON.stringify(body);
  const head = [
    "POST /api/v1/ingest HTTP/1.1",
    "host: leadgate",
    `x-api-key: ${key}`,
    "content-type: application/json",
    ...(idempotencyKey === undefined ? [] : [`idempotency-key: ${idempotencyKey}`]),
    `content-length: ${Buffer.byteLength(text)}`,
  ];
  return `${head.join("\r\n")}\r\n\r\n${text}`;
}
