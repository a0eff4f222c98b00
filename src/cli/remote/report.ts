import { command } from "#cli/command/command.ts";
import { callServer } from "#cli/command/remote.ts";

/** Revenue, payouts and profit as CSV, on standard output. */
export const report = command({
  name: "report",
  purpose: "what was earned and spent, as CSV",
  example: "leadgate report pnl --from 2030-01-01 --to 2030-01-31 --group-by campaign,day",
  options: {
    "--from DAY": "the first day, or a moment such as 2030-01-01T00:00:00Z",
    "--to DAY": "the last day, or the moment before which it ends; otherwise now",
    "--group-by NAMES": "any of campaign, supplier, buyer, source and day, with commas between",
    "--timezone ZONE": "in which days are counted; otherwise UTC",
    "--include-test": "test leads too",
  },
  forms: {
    async "pnl --from DAY"(
      { from = "", to, timezone, "group-by": groupBy, "include-test": includeTest },
      context,
    ) {
      const query = new URLSearchParams({
        from,
        format: "csv",
        ...(to !== undefined && { to }),
        ...(groupBy !== undefined && { group_by: groupBy }),
        ...(timezone !== undefined && { timezone }),
        ...(includeTest && { include_test: "true" }),
      });
      const response = await callServer(context, { method: "GET", path: `/reports/pnl?${query}` });
      context.write(await response.text());
    },
  },
});
