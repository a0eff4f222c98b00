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

/** Looks, every hour, for what nobody reports: suppliers that send nothing any more, and invoices that are not paid in time. */
export function openWatch(parts: WatchParts): Running {
  return lookEvery({
    clock: parts.clock,
    who: parts.jobs,
    everyMs: LOOK_EVERY_MS,
    look: () => lookNow(parts),
    failed: (error) =>
      parts.log.warn("silent suppliers and overdue invoices cannot be looked for", { error }),
  });
}

async function lookNow({ database, clock, tell }: WatchParts): Promise<void> {
  const now = clock.now();
  const since = new Date(now.getTime() - HABIT_MS).toISOString();
  const suppliers = await database.read((db) => readActiveHours(db, since));
  for (const { supplierId, hours } of suppliers) {
    const silent = silentSince(hours, now);
    if (silent !== undefined) tell(silenceAlert(supplierId, silent));
  }
  const invoices = await database.read((db) => readOverdueInvoices(db, now.toISOString()));
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
