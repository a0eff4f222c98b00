import { asks, JSON_OPTION, LIMIT_OPTION, says, table } from "#cli/command/asking.ts";
import { command } from "#cli/command/command.ts";
import type { Column } from "#cli/command/table.ts";

const PARTY: Column = { title: "OF", of: ({ buyer_id: buyer, supplier_id: supplier }) => buyer ?? supplier };

/** What happened to money. */
export const ledger = command({
  name: "ledger",
  purpose: "list what happened to money, or check that all balances are what the ledger says",
  example: "leadgate ledger --buyer national-solar --kind payment",
  options: {
    "--buyer ID": "of this buyer",
    "--supplier ID": "of this supplier",
    "--campaign ID": "of this campaign",
    "--kind KIND": "sale, refusal, return, payment, payout, adjustment, cost or invoice",
    "--since TIME": "from this day (in UTC) or time on, such as 2030-01-31T00:00:00Z",
    "--until TIME": "up to the end of this day, or before this time",
    ...LIMIT_OPTION,
    ...JSON_OPTION,
  },
  forms: {
    check: asks(
      "GET /ledger/check",
      "compare all balances with it",
      says(({ data }) => {
        const flaws = Array.isArray(data.flaws) ? data.flaws.map(String) : [];
        return flaws.length === 0 ? "Every balance is what the ledger says." : flaws.join("\n");
      }),
      { exitCode: ({ in_order: isInOrder }) => (isInOrder === true ? 0 : 1) },
    ),
    "[--buyer ID] [--supplier ID] [--campaign ID] [--kind KIND] [--since TIME] [--until TIME] [--limit N]":
      asks(
        "GET /ledger",
        "list it, the newest first",
        table(
          "at",
          "kind",
          "party",
          PARTY,
          "amount",
          "currency",
          "lead_id",
          "campaign_id",
          "reference",
          "note",
          "by",
        ),
        { takesDays: true },
      ),
  },
});
