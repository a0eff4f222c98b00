import type { AcknowledgedLead } from "../support/leadgate.ts";
import { type Line, LineBroken, openLine, type WireAnswer } from "../support/line.ts";
import type { Errand } from "./errands.ts";
import type { Progress } from "./progress.ts";

/** A lead as its supplier knows it. */
export interface ToldLead extends AcknowledgedLead {
  readonly campaign: string;
  readonly kind: Errand["kind"];
  /** The token that it was posted with. */
  readonly ping: string | undefined;
}

/** All that suppliers saw. */
export interface Heard {
  readonly told: ToldLead[];
  /** Answers that no supplier should get, a sentence each. */
  readonly surprises: string[];
  /** Every answer, word for word: nothing in it may tell who a person is. */
  readonly said: string[];
  readonly counts: { answers: number; broken: number; hung: number; replayed: number };
  /** How often they were told to come back, by the words. */
  readonly refusals: Map<string, number>;
}

export interface SuppliersSettings {
  readonly ports: readonly number[];
  readonly lines: number;
  readonly keys: Readonly<Record<string, string>>;
  readonly errands: Iterator<Errand>;
  readonly progress: Progress;
  readonly random: () => number;
  /** Gets what they are told as they are told it. */
  readonly told: ToldLead[];
  /** Servers' clocks jump: a ping may be too old, or not be made yet. */
  readonly clocksJump?: boolean;
  /** Gets every answer, word for word. */
  readonly said?: string[];
  /** Resolves when the next errand may be begun; without it, as soon as the one before is done. */
  readonly pace?: () => Promise<void>;
  /** Hears how long each answer took, in ms. */
  readonly observe?: (ms: number) => void;
}

/** Longer than any deadline of a server: an answer that takes so long never comes. */
const PATIENCE_MS = 120_000;
/** Real suppliers wait the seconds that they are told. */
const PAUSE_MS = 200;

/**
 * Sends all errands over so many connections, one at a time on each. Whoever is told to come back, or whose line breaks, does what
 * suppliers should: sends the same with the same Idempotency-Key, until there is an answer.
 */
export async function sendErrands(settings: SuppliersSettings): Promise<Heard> {
  const counts = { answers: 0, broken: 0, hung: 0, replayed: 0 };
  const { ports, lines, told, said = [] } = settings;
  const heard: Heard = { told, surprises: [], said, counts, refusals: new Map() };
  const running = Array.from({ length: lines }, (_, index) =>
    new Connection(ports[index % ports.length] ?? 0, settings, heard).run(),
  );
  await Promise.all(running);
  return heard;
}

class Connection {
  readonly #port: number;
  readonly #settings: SuppliersSettings;
  readonly #heard: Heard;
  #line: Line | undefined;

  constructor(port: number, settings: SuppliersSettings, heard: Heard) {
    this.#port = port;
    this.#settings = settings;
    this.#heard = heard;
  }

  async run(): Promise<void> {
    const { errands, progress, pace } = this.#settings;
    while (!progress.isOver) {
      await pace?.();
      const { value: errand, done } = errands.next();
      if (done === true) break;
      await this.#do(errand);
      progress.advance();
    }
    this.#line?.close();
  }

  async #do(errand: Errand): Promise<void> {
    const { kind, body, other, idempotencyKey } = errand;
    const isPinged = errand.isPinged && kind !== "invalid";
    const ping = isPinged ? await this.#ping(errand) : undefined;
    if (isPinged && ping === undefined) return;
    await this.#post(errand, { body, ping, idempotencyKey, isExpected: expectedOf(kind) });
    if (other === undefined) return;
    if (kind === "twice") {
      await this.#post(errand, { body: other, ping, idempotencyKey, isExpected: isKeyReused });
    } else if (ping !== undefined) {
      await this.#post(errand, {
        body: other,
        ping,
        idempotencyKey: `${idempotencyKey}-again`,
        isExpected: isNotTaken,
      });
    }
  }

  /** The token of a ping that somebody would take; one in ten is not posted. Of a token that is used twice anybody's lead might be. */
  async #ping(errand: Errand): Promise<string | undefined> {
    const { first_name: _, last_name: __, phone, email, ...pinged } = errand.body;
    const person = errand.kind === "replay" ? {} : { phone, email };
    const answer = await this.#untilAnswered("ping", errand, JSON.stringify({ ...pinged, ...person }));
    if (answer === undefined) return undefined;
    const { accepted, ping_id: id } = JSON.parse(answer.body) as { accepted?: boolean; ping_id?: string };
    if (answer.httpStatus !== 200) this.#surprise("ping", errand, answer);
    return accepted === true && this.#settings.random() < 0.9 ? id : undefined;
  }

  async #post(errand: Errand, { body, ping, idempotencyKey, isExpected }: Post): Promise<void> {
    const text = JSON.stringify(ping === undefined ? body : { ...body, flo_ping_id: ping });
    const answer = await this.#untilAnswered("ingest", errand, text, idempotencyKey);
    if (answer === undefined) return;
    const said = JSON.parse(answer.body) as Said;
    if (said.data !== undefined) {
      const { campaign, kind } = errand;
      this.#heard.told.push({ ...said.data, buyer_id: said.data.buyer_id ?? null, campaign, kind, ping });
    }
    const isOutOfTime = this.#settings.clocksJump === true && ping !== undefined && isExpired(said);
    if (!isExpected(said) && !isOutOfTime) this.#surprise("post", errand, answer);
  }

  /** Undefined when all is over before there is an answer. */
  async #untilAnswered(
    route: "ping" | "ingest",
    { supplier }: Errand,
    text: string,
    idempotencyKey?: string,
  ): Promise<WireAnswer | undefined> {
    const { counts } = this.#heard;
    const key = this.#settings.keys[supplier] ?? "";
    const request = requestOf(route, key, text, idempotencyKey);
    while (!this.#settings.progress.isOver) {
      const answer = await this.#ask(request);
      if (answer !== undefined) {
        counts.answers += 1;
        this.#heard.said.push(answer.head, answer.body);
        if (answer.head.includes("\r\nidempotent-replayed: true")) counts.replayed += 1;
        if (!isForNow(answer)) return answer;
        this.#noteRefusal(answer);
        if (!/\r\nretry-after: [1-9]/.test(answer.head))
          this.#heard.surprises.push("a 503 without Retry-After");
      }
      await Bun.sleep(PAUSE_MS);
    }
    return undefined;
  }

  /** Undefined when nobody listens, or the line breaks. */
  async #ask(request: string): Promise<WireAnswer | undefined> {
    const { counts } = this.#heard;
    if (this.#line?.isOpen !== true) this.#line = await openLine(this.#port).catch(() => undefined);
    const line = this.#line;
    if (line === undefined) return undefined;
    const timer = setTimeout(() => {
      counts.hung += 1;
      line.close();
    }, PATIENCE_MS);
    const began = performance.now();
    try {
      const answer = await line.ask(request);
      this.#settings.observe?.(performance.now() - began);
      return answer;
    } catch (error) {
      if (!(error instanceof LineBroken)) throw error;
      counts.broken += 1;
      return undefined;
    } finally {
      clearTimeout(timer);
    }
  }

  #noteRefusal({ httpStatus, body }: WireAnswer): void {
    const { error, message } = JSON.parse(body) as { error: string; message: string };
    const words = `${httpStatus} ${error}: ${message}`;
    const { refusals } = this.#heard;
    refusals.set(words, (refusals.get(words) ?? 0) + 1);
  }

  #surprise(what: string, { kind, campaign }: Errand, { httpStatus, body }: WireAnswer): void {
    this.#heard.surprises.push(
      `a ${what} of kind ${kind} to ${campaign} was answered ${httpStatus}: ${body}`,
    );
  }
}

function isForNow({ httpStatus, body }: WireAnswer): boolean {
  return httpStatus === 503 || (httpStatus === 409 && body.includes("idempotency_in_flight"));
}

interface Said {
  data?: AcknowledgedLead;
  error?: string;
  field_errors?: readonly { code: string }[];
}

interface Post {
  readonly body: Readonly<Record<string, unknown>>;
  readonly ping: string | undefined;
  readonly idempotencyKey: string;
  readonly isExpected: (said: Said) => boolean;
}

function expectedOf(kind: Errand["kind"]): Post["isExpected"] {
  switch (kind) {
    case "suppressed":
    case "filtered":
      return ({ data, error }) => data?.status === "REJECTED" && error === kind;
    case "invalid":
      return isNotTaken;
    case "new":
    case "again":
    case "twice":
    case "replay":
      return ({ data, error }) => data !== undefined && error === undefined;
  }
}

const isNotTaken = ({ data, error }: Said) => data === undefined && error === "validation_failed";
const isExpired = ({ field_errors: flaws = [] }: Said) => flaws.some(({ code }) => code === "expired");
const isKeyReused = ({ data, error }: Said) => data === undefined && error === "idempotency_key_reused";

function requestOf(route: "ping" | "ingest", key: string, text: string, idempotencyKey?: string): string {
  const head = [
    `POST /api/v1/${route} HTTP/1.1`,
    "host: leadgate",
    `x-api-key: ${key}`,
    "content-type: application/json",
    ...(idempotencyKey === undefined ? [] : [`idempotency-key: ${idempotencyKey}`]),
    `content-length: ${Buffer.byteLength(text)}`,
  ];
  return `${head.join("\r\n")}\r\n\r\n${text}`;
}
