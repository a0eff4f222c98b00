import type { AccountHolder } from "#campaigns/account-records.ts";
import type { EventKind } from "#ledger/event.ts";
import type { MoneyTotal } from "#money/amount.ts";
import { zonedAt } from "#time/wall-clock.ts";

/** What a statement is about. */
export interface StatementHead {
  party: AccountHolder;
  id: string;
  name: string;
  currency: string | null;
  /** In which what was booked before the party had a currency is counted, where its campaigns do not say. */
  home: string | null;
  /** In which its days are counted. */
  timezone: string;
  /** ISO 8601; `to` is the first moment that is not in it. */
  from: string;
  to: string;
  opening: MoneyTotal;
}

/** How sales, refusals and returns are told: each, or together by day and campaign. */
export type StatementDetail = "sale" | "day";

/** What moved an account's balance: an event, or sales, refusals or returns of one day and campaign together. */
export interface Movement {
  /** When the first of them happened, in ms since 1970. */
  at: number;
  kind: EventKind;
  campaignId: string | null;
  count: number;
  amount: MoneyTotal;
  /** Of one that stands by itself. */
  saleId: string | null;
  leadId: string | null;
  reference: string | null;
  note: string | null;
}

/** A line of a statement: an event, or those of one day, kind and campaign together. */
export interface StatementLine extends Omit<Movement, "at"> {
  /** YYYY-MM-DD, in the statement's time zone. */
  day: string;
  /** ISO 8601; null where several are together. */
  at: string | null;
  /** Behind it. */
  balance: MoneyTotal;
}

/**
 * The lines of a statement, in the order of time, as what moved it comes. By the day, what several pages have of a day, kind and campaign
 * is one line, and no more than a day's lines are kept.
 */
export async function* statementLines(
  { timezone, opening }: Pick<StatementHead, "timezone" | "opening">,
  pages: AsyncIterable<readonly Movement[]>,
  detail: StatementDetail,
): AsyncGenerator<StatementLine[]> {
  const dayOf = daysIn(timezone);
  let balance = opening;
  const lineOf = (movement: Movement): StatementLine => {
    balance += movement.amount;
    return asLine(movement, dayOf(movement.at), balance);
  };
  let open: Movement[] = [];
  for await (const movements of pages) {
    if (detail === "sale") {
      yield movements.map(lineOf);
      continue;
    }
    const known = together([...open, ...movements], dayOf);
    const last = known.at(-1);
    const isOpen = ({ at }: Movement) => last !== undefined && dayOf(at) === dayOf(last.at);
    open = known.filter(isOpen);
    yield known.filter((each) => !isOpen(each)).map(lineOf);
  }
  yield open.map(lineOf);
}

/** Said name by name: of a hundred thousand, copies of all that there is took a tenth of the time. */
function asLine(movement: Movement, day: string, balance: MoneyTotal): StatementLine {
  const { at, kind, campaignId, count, amount, saleId, leadId, reference, note } = movement;
  const when = count === 1 ? new Date(at).toISOString() : null;
  return { day, at: when, kind, campaignId, count, amount, balance, saleId, leadId, reference, note };
}

/** What is of a sale, one for each day, kind and campaign, where the first of them stood. */
function together(movements: readonly Movement[], dayOf: (at: number) => string): Movement[] {
  const sums = new Map<string | Movement, Movement>();
  for (const movement of movements) {
    const { at, kind, campaignId } = movement;
    const key = OF_SALES.has(kind) ? `${dayOf(at)} ${kind} ${campaignId}` : movement;
    const known = sums.get(key);
    sums.set(key, known === undefined ? movement : sumOf(known, movement));
  }
  return [...sums.values()];
}

const OF_SALES: ReadonlySet<EventKind> = new Set<EventKind>(["sale", "refusal", "return"]);

function sumOf(one: Movement, other: Movement): Movement {
  const count = one.count + other.count;
  return { ...one, saleId: null, leadId: null, count, amount: one.amount + other.amount };
}

/** The day at a moment, as YYYY-MM-DD. The zone's calendar is asked once for the moments of a day that come one after another. */
function daysIn(timezone: string): (at: number) => string {
  let [day, from, to] = ["", 0, 0];
  return (at) => {
    if (at < from || at >= to) {
      const start = zonedAt(at, timezone).startOfDay();
      day = start.toPlainDate().toString();
      [from, to] = [start.epochMilliseconds, start.add({ days: 1 }).startOfDay().epochMilliseconds];
    }
    return day;
  };
}
