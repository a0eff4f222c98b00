import type { Database } from "#database/database.ts";
import type { Alert, Tell } from "#handover/alert.ts";
import { type OverdueInvoice, readActiveHours, readOverdueInvoices } from "#ledger/watch-records.ts";
import { formatAmount } from "#money/amount.ts";
import type { Log } from "#telemetry/log.ts";
import type { Clock } from "#time/clock.ts";
import { HOUR_MS } from "#time/durations.ts";
import type { Jobs } from "#time/jobs.ts";
import { lookEvery } from "#time/look-every.ts";
import type { Running } from "#time/running.ts";
import { HABIT_MS, silentSince } from "./silence.ts";

export interface WatchParts {
  database: Database;
  clock: Clock;
  log: Log;
  tell: Tell;
  jobs: Jobs;
}

const LOOK_EVERY_MS = HOUR_MS;

/**
 * Looks, every hour, for what nobody reports: suppliers that send nothing any more, and invoices that are not paid in time. What is wrong
 * with one of these looks does not end the other.
 */
export function openWatch(parts: WatchParts): Running {
  const { clock, log, jobs: who } = parts;
  const looks = [
    lookEvery({
      clock,
      who,
      everyMs: LOOK_EVERY_MS,
      look: () => tellOfSilence(parts),
      failed: (error) => log.warn("silent suppliers cannot be looked for", { error }),
    }),
    lookEvery({
      clock,
      who,
      everyMs: LOOK_EVERY_MS,
      look: () => tellOfInvoices(parts),
      failed: (error) => log.warn("overdue invoices cannot be looked for", { error }),
    }),
  ];
  return {
    start() {
      for (const look of looks) look.start();
    },
    async stop() {
      await Promise.all(looks.map((look) => look.stop()));
    },
  };
}

async function tellOfSilence({ database, clock, tell }: WatchParts): Promise<void> {
  const now = clock.now();
  const since = new Date(now.getTime() - HABIT_MS).toISOString();
  const suppliers = await database.read((db) => readActiveHours(db, since));
  for (const { supplierId, hours } of suppliers) {
    const silent = silentSince(hours, now);
    if (silent !== undefined) tell(silenceAlert(supplierId, silent));
  }
}

async function tellOfInvoices({ database, clock, tell }: WatchParts): Promise<void> {
  const invoices = await database.read((db) => readOverdueInvoices(db, clock.now().toISOString()));
  for (const invoice of invoices) tell(overdueAlert(invoice));
}

function silenceAlert(supplierId: string, since: number): Alert {
  return {
    event: "supplier.silent",
    key: `supplier.silent:${supplierId}:${since}`,
    campaignId: null,
    data: { supplier_id: supplierId, since: new Date(since).toISOString() },
  };
}

function overdueAlert({ number, buyerId, total, currency, dueAt }: OverdueInvoice): Alert {
  return {
    event: "invoice.overdue",
    key: `invoice.overdue:${number}`,
    campaignId: null,
    data: {
      buyer_id: buyerId,
      number,
      total: formatAmount(total, currency),
      currency,
      due_at: new Date(dueAt).toISOString(),
    },
  };
}
