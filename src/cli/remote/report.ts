import { asks, JSON_OPTION, listedRows } from "#cli/command/asking.ts";
import { command } from "#cli/command/command.ts";
import { tableText } from "#cli/command/table.ts";

const RANGE = "--from DAY [--to DAY] [--group-by NAMES] [--campaign ID] [--supplier ID] [--timezone ZONE]";

/** Revenue, payouts and profit as CSV, and numbers of leads over time. */
export const report = command({
  name: "report",
  purpose: "what was earned and spent, as CSV; how many leads came",
  example: "leadgate report pnl --from 2030-01-01 --to 2030-01-31 --group-by campaign,day",
  options: {
    "--from DAY": "the first day, or a moment such as 2030-01-01T00:00:00Z",
    "--to DAY": "the last day, or the moment before which it ends; otherwise now",
    "--group-by NAMES":
      "any of campaign, supplier, buyer, source, sub_id, state, hour, day, week and month, with commas between; of leads: status, " +
      "campaign, supplier and reason",
    "--campaign ID": "only of this campaign",
    "--supplier ID": "only of this supplier",
    "--buyer ID": "only of this buyer",
    "--source TEXT": "only of leads and costs with this source",
    "--timezone ZONE": "in which hours and days are counted; otherwise UTC",
    "--include-test": "test leads too",
    "--bucket SIZE": "minute, hour, or day, which it is without this",
    ...JSON_OPTION,
  },
  forms: {
    [`pnl ${RANGE} [--buyer ID] [--source TEXT] [--include-test]` as const]: asks(
      "GET /reports/pnl",
      "revenue, payouts and profit",
      () => "",
      { also: ({ json }) => (json === true ? {} : { format: "csv" }) },
    ),
    [`leads ${RANGE} [--bucket SIZE]` as const]: asks(
      "GET /reports/leads",
      "how many leads came, over time",
      ({ data: { rows }, terminal }) => {
        const found = listedRows(rows);
        return tableText(found, Object.keys(found[0] ?? { at: "", leads: 0 }), terminal);
      },
    ),
  },
});
