import { type CommandContext, exitCodeOf, sorted, WrongUse } from "./command.ts";
import { call } from "./server-call.ts";

const USE =
  "leadgate report pnl --from DAY [--to DAY] [--group-by campaign,supplier,buyer,source,day] [--timezone ZONE] [--include-test]";

/** `leadgate report pnl`: revenue, payouts and profit as CSV, on standard output. */
export async function report(args: string[], context: CommandContext): Promise<number> {
  return exitCodeOf(context, async () => {
    const { values, positionals } = sorted(args, USE, {
      from: { type: "string" },
      to: { type: "string" },
      "group-by": { type: "string" },
      timezone: { type: "string" },
      "include-test": { type: "boolean", default: false },
    });
    const { from, to, timezone, "group-by": groupBy, "include-test": includeTest } = values;
    if (positionals.join(" ") !== "pnl" || from === undefined) throw new WrongUse(USE);
    const query = new URLSearchParams({
      from,
      format: "csv",
      ...(to !== undefined && { to }),
      ...(groupBy !== undefined && { group_by: groupBy }),
      ...(timezone !== undefined && { timezone }),
      ...(includeTest && { include_test: "true" }),
    });
    const response = await call(context, { method: "GET", path: `/reports/pnl?${query}` });
    context.write(await response.text());
  });
}
