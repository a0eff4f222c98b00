import { asks, JSON_OPTION, LIMIT_OPTION, record, says, table } from "#cli/command/asking.ts";
import { command } from "#cli/command/command.ts";

/** Months of buyers, closed and to be paid; `buyers invoice` closes one. */
export const invoices = command({
  name: "invoices",
  purpose: "look at invoices, and put on record that they were paid",
  example: "leadgate invoices list --status overdue",
  options: {
    "--buyer ID": "of this buyer",
    "--status STATUS": "open, overdue or paid",
    ...LIMIT_OPTION,
    ...JSON_OPTION,
  },
  forms: {
    "list [--buyer ID] [--status STATUS] [--limit N]": asks(
      "GET /invoices",
      "list them, the newest first",
      table(
        "number",
        "buyer_id",
        "month",
        "status",
        "total",
        "currency",
        "due_at",
        "paid_at",
        "sales",
        "refunded",
      ),
    ),
    "show NUMBER": asks("GET /invoices/NUMBER", "show one", record),
    "paid NUMBER": asks(
      "POST /invoices/NUMBER/paid",
      "book a payment of its total",
      says(
        ({ data }) =>
          `Invoice ${String(data.number)} is paid: ${String(data.total)} ${String(data.currency)}.`,
      ),
    ),
  },
});
