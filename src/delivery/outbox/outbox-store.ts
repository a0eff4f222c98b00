import type { Database } from "#database/database.ts";
import { type DeadDelivery, readDead } from "./dead-records.ts";
import {
  type AttemptRecord,
  type Claimed,
  claim,
  type Due,
  type DueNow,
  finish,
  giveBack,
  giveUp,
  whatIsDue,
} from "./outbox-records.ts";

/** The outbox as the dispatcher uses it, each call a transaction of its own. All throw DatabaseUnavailable. Times are ISO 8601. */
export interface OutboxStore {
  whatIsDue(at: string): Promise<DueNow>;
  claim(due: Due, lease: { id: string; at: string; endsAt: string; limit: number }): Promise<Claimed[]>;
  giveBack(campaignId: string, leases: readonly { id: string; lease: string }[], at: string): Promise<void>;
  giveUp(due: Due, at: string): Promise<string[]>;
  dead(campaignId: string, ids: readonly string[]): Promise<DeadDelivery[]>;
  finish(campaignId: string, results: readonly AttemptRecord[], at: string): Promise<void>;
}

export function openOutboxStore(database: Database): OutboxStore {
  return {
    whatIsDue: (at) => database.read((db) => whatIsDue(db, at)),
    claim: (due, lease) => database.write((db) => claim(db, due, lease)),
    giveBack: (campaignId, leases, at) => database.write((db) => giveBack(db, campaignId, leases, at)),
    giveUp: (due, at) => database.write((db) => giveUp(db, due, at)),
    dead: (campaignId, ids) => database.read((db) => readDead(db, campaignId, ids)),
    finish: (campaignId, results, at) => database.write((db) => finish(db, campaignId, results, at)),
  };
}
