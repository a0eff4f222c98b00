import { isPayoutDue, type Sale } from "#leads/sale.ts";
import type { RecordStatus } from "#leads/status.ts";
import type { TraceLine } from "#leads/trace.ts";
import { type Amount, amountOfTenThousandths, type MoneyTotal, moneyTotal } from "#money/amount.ts";

/** How a lead ended: on record, or as it would have. */
export interface LeadEnd {
  /** Null: it would not have been taken in. */
  status: RecordStatus | null;
  reason: string | null;
  sales: readonly OutcomeSale[];
}

export interface OutcomeSale {
  buyerId: string;
  status: "sold" | "refused" | "returned";
  price: Amount;
  /** What its supplier is paid for it: nothing where that was taken back. */
  payout: Amount;
}

/** The sales of a lead as they ended, in their order; what was only reserved, and declined, is none. */
export function outcomeSales(sales: readonly Sale[]): OutcomeSale[] {
  return sales.flatMap((sale) => {
    const { buyerId, status, price, payout } = sale;
    if (status === "declined" || status === "reserved") return [];
    return [{ buyerId, status, price, payout: isPayoutDue(sale) ? payout : NOTHING }];
  });
}

const NOTHING = amountOfTenThousandths(0);

/** A lead that was decided anew. */
export interface Compared {
  /** UUID. */
  leadId: string;
  campaignId: string;
  supplierId: string;
  currency: string;
  before: LeadEnd;
  after: LeadEnd;
}

/** One that ended otherwise than on record, with how that came. */
export interface DifferingLead extends Compared {
  traces: { before: readonly TraceLine[]; after: readonly TraceLine[] };
}

/** Whether a lead ended otherwise: in its status or reason, or in what was sold, to whom and for how much. */
export function isDifferent({ before, after }: Pick<Compared, "before" | "after">): boolean {
  if (before.status !== after.status || before.reason !== after.reason) return true;
  const [was, is] = [before.sales.map(saleText).toSorted(), after.sales.map(saleText).toSorted()];
  return was.length !== is.length || was.some((text, place) => text !== is[place]);
}

function saleText({ buyerId, status, price, payout }: OutcomeSale): string {
  return `${buyerId} ${status} ${price} ${payout}`;
}

/** Leads and money. A lead counts for each of its buyers, with what that one paid. */
export interface SimulatedFigures {
  leads: number;
  accepted: number;
  unmatched: number;
  duplicates: number;
  rejected: number;
  /** Given back by its last buyer. */
  returned: number;
  /** Put aside for a person, and not decided. */
  held: number;
  /** It would not have been taken in. */
  notTaken: number;
  /** Those that stand. */
  sales: number;
  /** Sales that were refused or returned. */
  undone: number;
  /** As text of ten-thousandths: a sum may be more than a number tells exactly. Earlier versions kept numbers. */
  revenue: string;
  payouts: string;
}

/** The figures of a party, or of all, in one currency. */
export interface ComparedFigures {
  /** Null: of all. */
  id: string | null;
  currency: string;
  before: SimulatedFigures;
  after: SimulatedFigures;
  /** Leads that ended otherwise. */
  differing: number;
}

export interface Comparison {
  totals: ComparedFigures[];
  campaigns: ComparedFigures[];
  suppliers: ComparedFigures[];
  buyers: ComparedFigures[];
}

export interface ComparisonSoFar {
  /** Counts a lead in. */
  add(lead: Compared): void;
  /** By their ids. */
  result(): Comparison;
}

/** Adds up what leads brought on record, and what they would have brought, by all who have to do with them. */
export function startComparison(): ComparisonSoFar {
  const [totals, campaigns, suppliers, buyers] = [rows(), rows(), rows(), rows()];
  return {
    add(lead) {
      const differs = isDifferent(lead);
      const whole = { ...lead, differs };
      count(totals, null, whole);
      count(campaigns, lead.campaignId, whole);
      count(suppliers, lead.supplierId, whole);
      const { before, after } = lead;
      for (const id of new Set([...before.sales, ...after.sales].map(({ buyerId }) => buyerId))) {
        count(buyers, id, { ...whole, before: partOf(before, id), after: partOf(after, id) });
      }
    },
    result: () => ({
      totals: sortedRows(totals),
      campaigns: sortedRows(campaigns),
      suppliers: sortedRows(suppliers),
      buyers: sortedRows(buyers),
    }),
  };
}

type FigureRows = Map<string, ComparedFigures>;

function rows(): FigureRows {
  return new Map();
}

function sortedRows(counted: FigureRows): ComparedFigures[] {
  return [...counted].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, row]) => row);
}

function count(
  counted: FigureRows,
  id: string | null,
  lead: Omit<Compared, "before" | "after"> & {
    before: LeadEnd | undefined;
    after: LeadEnd | undefined;
    differs: boolean;
  },
): void {
  const key = `${id ?? ""} ${lead.currency}`;
  const row = counted.get(key) ?? {
    id,
    currency: lead.currency,
    before: none(),
    after: none(),
    differing: 0,
  };
  counted.set(key, row);
  countOutcome(row.before, lead.before);
  countOutcome(row.after, lead.after);
  if (lead.differs) row.differing += 1;
}

function none(): SimulatedFigures {
  return {
    leads: 0,
    accepted: 0,
    unmatched: 0,
    duplicates: 0,
    rejected: 0,
    returned: 0,
    held: 0,
    notTaken: 0,
    sales: 0,
    undone: 0,
    revenue: "0",
    payouts: "0",
  };
}

/** What of an outcome one buyer has part in: nothing, where it bought nothing. */
function partOf(outcome: LeadEnd, buyerId: string): LeadEnd | undefined {
  const sales = outcome.sales.filter((sale) => sale.buyerId === buyerId);
  return sales.length === 0 ? undefined : { ...outcome, sales };
}

function countOutcome(figures: SimulatedFigures, outcome: LeadEnd | undefined): void {
  if (outcome === undefined) return;
  figures.leads += 1;
  const counter = COUNTED_AS[outcome.status ?? "NOT_TAKEN"];
  if (counter !== null) figures[counter] += 1;
  for (const { status, price, payout } of outcome.sales) {
    figures.payouts = withMore(figures.payouts, payout);
    if (status === "sold") {
      figures.sales += 1;
      figures.revenue = withMore(figures.revenue, price);
    } else figures.undone += 1;
  }
}

function withMore(sum: string, amount: Amount): string {
  return String(moneyTotal(sum) + moneyTotal(amount));
}

type Counter = "accepted" | "unmatched" | "duplicates" | "rejected" | "returned" | "held" | "notTaken";

/** Pending leads are left out. */
const COUNTED_AS: Record<RecordStatus | "NOT_TAKEN", Counter | null> = {
  ACCEPTED: "accepted",
  UNMATCHED: "unmatched",
  DUPLICATE: "duplicates",
  REJECTED: "rejected",
  RETURNED: "returned",
  HELD: "held",
  NOT_TAKEN: "notTaken",
  PENDING: null,
};

/** What is left of the revenue. */
export function profitOf({ revenue, payouts }: SimulatedFigures): MoneyTotal {
  return moneyTotal(revenue) - moneyTotal(payouts);
}
