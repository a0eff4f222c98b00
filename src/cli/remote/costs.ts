import { type CommandContext, CommandFailure, command } from "#cli/command/command.ts";
import { fileStream } from "#cli/command/file-body.ts";
import { startProgress } from "#cli/command/progress.ts";
import { callServer, dataIn, inAddress, ServerAway } from "#cli/command/remote.ts";
import { plainCell } from "#text/csv.ts";
import { type CsvRow, FileUnreadable, readCsvFile } from "#text/csv-file.ts";

/** What suppliers cost beside the payouts of their leads. */
export const costs = command({
  name: "costs",
  purpose: "set what a supplier costs by day, such as what was spent on advertising, from a CSV file",
  example: "leadgate costs import january.csv --supplier acme-media",
  options: {
    "--supplier SUPPLIER": "whose costs they are",
    "--currency CODE": "of a supplier whose campaigns are in several",
    "--json": "the numbers of rows, as JSON",
  },
  routes: ["POST /suppliers/SUPPLIER/costs"],
  forms: {
    async "import FILE --supplier SUPPLIER [--currency CODE]"({ FILE, supplier, currency, json }, context) {
      const rows = await rowsIn(String(FILE));
      const path = `/suppliers/${inAddress(String(supplier), "SUPPLIER")}/costs`;
      await sendRows(rows, { path, currency: currency ?? null, json }, context);
    },
  },
});

interface CostRow {
  line: number;
  /** A cost, or what is wrong with the row. */
  says: Cost | string;
}

interface Cost {
  day: string;
  campaign: string | null;
  amount: string;
  source: string | null;
}

const COLUMNS = ["day", "campaign", "amount", "source"];

/** The rows of the file; its first line names the columns, of which `campaign` and `source` may be left out, and says what parts cells. */
async function rowsIn(file: string): Promise<CostRow[]> {
  const [head, ...rest] = await linesIn(file);
  const names = (head?.cells ?? []).map((name) => name.trim().toLowerCase());
  const unknown = names.filter((name) => !COLUMNS.includes(name));
  if (unknown.length > 0 || !names.includes("day") || !names.includes("amount")) {
    throw new CommandFailure(
      `The first line of the file must name its columns: day and amount, and, if there are any, campaign and source.`,
    );
  }
  const lines = new Map<string, number>();
  return rest.map((row) => {
    const says = costIn(row, names);
    if (typeof says === "string") return { line: row.row, says };
    const what = JSON.stringify([says.day, says.campaign, says.source]);
    const earlier = lines.get(what);
    lines.set(what, earlier ?? row.row);
    return {
      line: row.row,
      says: earlier === undefined ? says : `is of what line ${earlier} is: ${ONE_ROW}`,
    };
  });
}

const ONE_ROW = "one row for each day, campaign and source, with all that it cost";

function costIn({ cells }: CsvRow, names: readonly string[]): Cost | string {
  if (cells.slice(names.length).some((more) => more.trim() !== "")) {
    // As where a comma in an amount parts it.
    return "has more cells than the first line has columns";
  }
  const unread = names.find((_, place) => cells[place]?.includes("\ufffd"));
  if (unread !== undefined) return `${unread}: a character of it cannot be read`;
  const cell = (name: string) => plainCell(cells[names.indexOf(name)] ?? "").trim();
  return {
    day: cell("day"),
    campaign: cell("campaign") || null,
    amount: cell("amount"),
    source: cell("source") || null,
  };
}

async function linesIn(file: string): Promise<CsvRow[]> {
  try {
    return await Array.fromAsync(readCsvFile(await fileStream(file)));
  } catch (error) {
    if (error instanceof FileUnreadable) throw new CommandFailure(error.message);
    throw error;
  }
}

/** Sends one row after another. What is bad in a row is told, and the others are sent; again is safe, as a row sets what it says. */
async function sendRows(
  rows: readonly CostRow[],
  { path, currency, json }: { path: string; currency: string | null; json: boolean },
  context: CommandContext,
): Promise<void> {
  const progress = startProgress("Importing:", context.writeError);
  let [set, replaced, bad] = [0, 0, 0];
  try {
    for (const { line, says } of rows) {
      progress.say(`${set} of ${rows.length} rows`);
      try {
        if (typeof says === "string") throw new CommandFailure(says);
        const answer = await callServer(context, {
          method: "POST",
          path,
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ ...says, currency }),
        });
        set += 1;
        if ((await dataIn(answer)).replaced !== null) replaced += 1;
      } catch (error) {
        if (!(error instanceof CommandFailure) || error instanceof ServerAway) throw error;
        bad += 1;
        context.writeError(`line ${line}: ${error.message}\n`);
      }
    }
  } finally {
    progress.end();
  }
  context.write(
    json
      ? `${JSON.stringify({ data: { set, replaced, bad } })}\n`
      : `${set} costs set, ${replaced} of them in place of others\n`,
  );
  if (bad > 0)
    throw new CommandFailure(`Bad rows: ${bad}. All others are set; correct the file and import it again.`);
}
