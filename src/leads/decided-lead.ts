import type { Arrived, EarlierLead, PriorDecision, Reopened } from "./candidate.ts";
import type { Sale } from "./sale.ts";
import type { RecordStatus } from "./status.ts";

/** A lead that was decided and goes on record, and what was sold of it. */
export interface DecidedLead {
  lead: Arrived | Reopened;
  status: RecordStatus;
  /** The buyers in the order in which they were chosen; of a pending lead, the one that is to be asked. */
  sales: readonly Sale[];
  isTest: boolean;
  duplicateOf: EarlierLead | null;
  /** ms since 1970. */
  decidedAt: number;
  /** What was understood of it, unmapped values included. */
  fields: Readonly<Record<string, unknown>>;
  /** How it was decided before; null for a lead that has just come. */
  prior: PriorDecision | null;
  /** UUID of the ping that it was posted after. */
  pingId: string | null;
}
