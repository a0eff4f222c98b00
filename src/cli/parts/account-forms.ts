import { asks, listedRows, record, says, type View } from "#cli/command/asking.ts";
import type { Work } from "#cli/command/command.ts";
import { recordText } from "#cli/command/record.ts";
import { tableText } from "#cli/command/table.ts";
import type { Mapping } from "#text/problem.ts";

/** The options of commands about the money of buyers and of suppliers. */
export const ACCOUNT_OPTIONS = {
  "--currency CODE": "where its campaigns are in several, such as USD",
  "--reference TEXT": "with a payment: what the bank calls it",
  "--note TEXT": "with adjust: why",
  "--month MONTH": "with statement: such as 2030-01",
  "--from DAY": "with statement: the first day, instead of a month",
  "--to DAY": "with statement: the last day; otherwise today",
  "--lines day|sale": "with statement: a line for each day, which it is without this, or for each sale",
  "--format csv|html": "with statement: as a file for others",
} as const;

type AccountLine<Word extends string> =
  | `balance ${Word}`
  | `statement ${Word} ${typeof STATEMENT}`
  | `adjust ${Word} AMOUNT --note TEXT [--currency CODE]`;

const STATEMENT =
  "[--month MONTH] [--from DAY] [--to DAY] [--lines day|sale] [--format csv|html] [--currency CODE]";

/** What can be done to the account of either kind of party. */
export function accountForms<Word extends string>(
  path: "buyers" | "suppliers",
  word: Word,
): Record<AccountLine<Word>, Work<Mapping>> {
  const one = `/${path}/${word}` as const;
  return {
    [`balance ${word}`]: asks(`GET ${one}/balance`, "what there is on its account", record),
    [`statement ${word} ${STATEMENT}`]: asks(`GET ${one}/statement`, "what moved its balance", statement),
    [`adjust ${word} AMOUNT --note TEXT [--currency CODE]`]: asks(
      `POST ${one}/adjustments`,
      "add to its balance, or take from it (-12.50)",
      booked,
    ),
  } as Record<AccountLine<Word>, Work<Mapping>>;
}

/** What was booked, and what there is then. */
export const booked = says(({ data: { id, amount, balance, currency } }) => {
  const now = withCurrency(balance, currency);
  return `${withCurrency(amount, currency)} booked as ${String(id)}. The balance is ${now}.`;
});

/** An amount with its currency, where that is known. */
export function withCurrency(amount: unknown, currency: unknown): string {
  return typeof currency === "string" ? `${String(amount)} ${currency}` : String(amount);
}

const statement: View = ({ data, terminal }) => {
  const { lines, ...head } = data;
  const rows = listedRows(lines);
  const columns = [
    "day",
    "kind",
    "campaign_id",
    "count",
    "amount",
    "balance",
    "lead_id",
    "reference",
    "note",
  ];
  const said = columns.filter((name) => rows.some((row) => (row[name] ?? null) !== null));
  return `${recordText(head, terminal)}${rows.length === 0 ? "" : `\n${tableText(rows, said, terminal)}`}`;
};
