import { setTimeout } from "node:timers/promises";
import { type CommandContext, CommandFailure } from "#cli/command/command.ts";
import { callServer, ServerAway } from "#cli/command/remote.ts";
import { isMapping, type Mapping } from "#text/problem.ts";
import type { RejectedRow, SendableRow } from "./rows.ts";

/** What the server answered to a row. */
export interface AnsweredRow extends SendableRow {
  answer: Mapping;
}

type ReadRow = SendableRow | RejectedRow;
type EndedRow = AnsweredRow | RejectedRow;

/** How rows are sent. */
export interface Sending {
  /** Below `/api/v1/admin`. */
  path: string;
  /** Ends the waiting for a server that is away or busy. */
  interruption: AbortSignal;
}

const MOST_ROWS = 250;
const MOST_BYTES = 1024 * 1024;
/** While the lane works on one batch, the next one is read: more would only wait, and be in the way of what suppliers send. */
const IN_FLIGHT = 2;
/** A server that restarts or is busy is waited for as long, in ms since it has last taken something in. */
const PATIENCE_MS = 300_000;
const LONGEST_PAUSE_SECONDS = 10;

/** Sends rows in their order, some hundred at a time, and yields them in that order with their answers; rejected ones as they are. */
export async function* sendInBatches(
  rows: AsyncIterable<ReadRow>,
  sending: Sending,
  context: CommandContext,
): AsyncGenerator<EndedRow[]> {
  const inFlight: Promise<EndedRow[]>[] = [];
  for await (const batch of inBatches(rows)) {
    const answered = sendBatch(batch, sending, context);
    // Who waits for it hears of it then.
    answered.catch(() => undefined);
    inFlight.push(answered);
    if (inFlight.length < IN_FLIGHT) continue;
    yield (await inFlight.shift()) ?? [];
  }
  for (const answered of inFlight) yield await answered;
}

async function* inBatches(rows: AsyncIterable<ReadRow>): AsyncGenerator<ReadRow[]> {
  let batch: ReadRow[] = [];
  let sent = 0;
  for await (const row of rows) {
    const bytes = "text" in row ? row.bytes : 0;
    if (batch.length === MOST_ROWS || (batch.length > 0 && sent + bytes > MOST_BYTES)) {
      yield batch;
      [batch, sent] = [[], 0];
    }
    batch.push(row);
    sent += bytes;
  }
  if (batch.length > 0) yield batch;
}

/** Sends a batch until each of its rows has an answer that is one; a row that was taken in is known by its key when it comes again. */
async function sendBatch(
  batch: readonly ReadRow[],
  { path, interruption }: Sending,
  context: CommandContext,
): Promise<EndedRow[]> {
  const answers = new Map<ReadRow, Mapping>();
  const sendable = batch.filter((row) => "text" in row);
  let patientUntil = performance.now() + PATIENCE_MS;
  while (answers.size < sendable.length) {
    const open = sendable.filter((row) => !answers.has(row));
    let pause = 1;
    try {
      const found = await answersTo(open, path, context);
      for (const [place, answer] of found.entries()) {
        const row = open[place];
        if (row === undefined || isForNow(answer)) pause = Math.max(pause, Number(answer.retry_after) || 1);
        else answers.set(row, answer);
      }
      if (answers.size === sendable.length) break;
      if (open.some((row) => answers.has(row))) patientUntil = performance.now() + PATIENCE_MS;
    } catch (error) {
      if (!(error instanceof ServerAway) || !WORTH_WAITING.includes(error.status)) throw error;
      if (interruption.aborted || performance.now() > patientUntil) throw error;
      pause = error.retryAfter ?? 1;
    }
    if (interruption.aborted || performance.now() > patientUntil) throw new CommandFailure(BUSY);
    const ms = Math.min(pause, LONGEST_PAUSE_SECONDS) * 1000;
    await setTimeout(ms, undefined, { signal: interruption }).catch(() => undefined);
  }
  return batch.map((row) => ("text" in row ? { ...row, answer: answers.get(row) ?? {} } : row));
}

/** It restarts, or has no room for now. */
const WORTH_WAITING: readonly (number | null)[] = [null, 503];

const BUSY = "The server takes nothing in for now.";

async function answersTo(
  rows: readonly SendableRow[],
  path: string,
  context: CommandContext,
): Promise<Mapping[]> {
  const leads = rows.map(({ text }) => text).join();
  const response = await callServer(context, {
    method: "POST",
    path,
    headers: { "content-type": "application/json" },
    body: `{"leads":[${leads}]}`,
  });
  const body: unknown = await response.json();
  const data: readonly unknown[] = isMapping(body) && Array.isArray(body.data) ? body.data : [];
  if (data.length !== rows.length) {
    throw new CommandFailure("The server answered something that this version does not understand.");
  }
  return data.map((each) => (isMapping(each) ? each : {}));
}

/** Nothing was taken in: the lane is full, or an earlier try is still being decided. */
function isForNow({ http_status: status, error }: Mapping): boolean {
  return status === 503 || error === "idempotency_in_flight";
}
