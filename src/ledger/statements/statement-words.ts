import {
  count,
  listOf,
  money,
  named,
  objectOf,
  text,
  textOrNull,
  time,
  timeOrNull,
  wordOf,
} from "#http/schema.ts";
import { EVENT_KINDS } from "#ledger/event.ts";

/** A statement in JSON. */
export const STATEMENT = named(
  "Statement",
  objectOf(
    {
      name: text,
      currency: textOrNull,
      timezone: text,
      from: time,
      to: time,
      opening_balance: money,
      lines: listOf(
        objectOf({
          day: { type: "string", format: "date" },
          at: { ...timeOrNull, description: "Null where several are together." },
          kind: wordOf(EVENT_KINDS),
          campaign_id: textOrNull,
          count,
          amount: money,
          balance: money,
          sale_id: textOrNull,
          lead_id: textOrNull,
          reference: textOrNull,
          note: textOrNull,
        }),
      ),
      closing_balance: money,
    },
    { buyer_id: text, supplier_id: text },
  ),
);
