import type { AccountHolder } from "#campaigns/account-records.ts";
import type { EventKind } from "#ledger/event.ts";
import type { RecordedEvent } from "#ledger/event-records.ts";
import { type Amount, add } from "#money/amount.ts";
import { localDay } from "#time/wall-clock.ts";

/** What a statement is about. */
export interface StatementHead {
  party: AccountHolder;
  id: string;
  name: string;
  currency: string | null;
  /** In which its days are counted. */
  timezone: string;
  /** ISO 8601; `to` is the first moment that is not in it. */
  from: string;
  to: string;
  opening: Amount;
}

/** A line of a statement: an event, or those of one day, kind and campaign together. */
export interface StatementLine {
  /** YYYY-MM-DD, in the statement's time zone. */
  day: string;
  /** ISO 8601; null where several are together. */
  at: string | null;
  kind: EventKind;
  campaignId: string | null;
  count: number;
  amount: Amount;
  /** Behind it. */
  balance: Amount;
  saleId: string | null;
  leadId: string | null;
  reference: string | null;
  note: string | null;
}

/** How sales, refusals and returns are told: each, or together by day and campaign. */
export type StatementDetail = "sale" | "day";

/**
 * The lines of a statement, in the order of time, as the events come. Events in another currency are left out. No more than a day's lines
 * are kept at once. Throws a RangeError when a balance would be too large to be exact.
 */
export async function* statementLines(
  { party, currency, timezone, opening }: Pick<StatementHead, "party" | "currency" | "timezone" | "opening">,
  pages: AsyncIterable<readonly RecordedEvent[]>,
  detail: StatementDetail,
): AsyncGenerator<StatementLine[]> {
  let balance = opening;
  const settle = (lines: readonly OpenLine[]): StatementLine[] =>
    lines.map((line) => {
      balance = add(balance, line.amount);
      return { ...line, balance };
    });
  let day = "";
  let open = new Map<string, OpenLine>();
  for await (const events of pages) {
    const ended: StatementLine[] = [];
    for (const event of events) {
      if (event.currency !== currency && event.currency !== null && currency !== null) continue;
      const line = lineOf(event, party, timezone);
      if (line.day !== day || detail === "sale") {
        ended.push(...settle([...open.values()]));
        open = new Map();
        day = line.day;
      }
      put(open, line, event);
    }
    if (ended.length > 0) yield ended;
  }
  yield settle([...open.values()]);
}

type OpenLine = Omit<StatementLine, "balance">;

function put(open: Map<string, OpenLine>, line: OpenLine, { id, saleId }: RecordedEvent): void {
  const key = saleId === null ? id : `${line.kind} ${line.campaignId}`;
  const known = open.get(key);
  if (known === undefined) {
    open.set(key, line);
    return;
  }
  const together = { at: null, saleId: null, leadId: null };
  open.set(key, { ...known, ...together, count: known.count + 1, amount: add(known.amount, line.amount) });
}

function lineOf(event: RecordedEvent, party: AccountHolder, timezone: string): OpenLine {
  const at = new Date(event.at);
  const { kind, campaignId, saleId, leadId, reference } = event;
  const ofCost = kind === "cost" ? [event.day, event.source] : [];
  const said = [...ofCost, event.note].filter((each) => each !== null);
  return {
    day: new Date(localDay(at.getTime(), timezone) * DAY_MS).toISOString().slice(0, 10),
    at: at.toISOString(),
    kind,
    campaignId,
    count: 1,
    amount: party === "buyer" ? event.buyerAmount : event.supplierAmount,
    saleId,
    leadId,
    reference,
    note: said.length === 0 ? null : said.join(", "),
  };
}

const DAY_MS = 86_400_000;
