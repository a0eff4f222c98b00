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
    "--group-by NAMES":
      "any of campaign, supplier, buyer, source, sub_id, state, hour, day, week and month, with commas between",
    "--campaign ID": "only of this campaign",
    "--supplier ID": "only of this supplier",
    "--buyer ID": "only of this buyer",
    "--source TEXT": "only of leads and costs with this source",
    "--timezone ZONE": "in which hours and days are counted; otherwise UTC",
    "--include-test": "test leads too",
  },
  forms: {
    async "pnl --from DAY"(
      { from = "", "group-by": groupBy, "include-test": includeTest, ...others },
      context,
    ) {
      const said = { ...others, group_by: groupBy, include_test: includeTest ? "true" : undefined };
      const query = new URLSearchParams({ from, format: "csv" });
      for (const [name, value] of Object.entries(said)) if (value !== undefined) query.set(name, value);
      const response = await callServer(context, { method: "GET", path: `/reports/pnl?${query}` });
      context.write(await response.text());
    },
  },
});
