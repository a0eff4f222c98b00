import { type CommandContext, CommandFailure, command, fileText } from "#cli/command/command.ts";
import { startProgress } from "#cli/command/progress.ts";
import { callServer, dataIn, ServerAway } from "#cli/command/remote.ts";
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
      const rows = await rowsIn(await fileText(FILE, context));
      const path = `/suppliers/${encodeURIComponent(String(supplier))}/costs`;
      await sendRows(rows, { path, currency: currency ?? null, json }, context);
    },
  },
});

interface CostRow {
  line: number;
  /** Null: the row has more cells than the file has columns, as where a comma in an amount parts it. */
  cost: { day: string; campaign: string | null; amount: string; source: string | null } | null;
}

const COLUMNS = ["day", "campaign", "amount", "source"];

/** The rows of the file; its first line names the columns, of which `campaign` and `source` may be left out, and says what parts cells. */
async function rowsIn(text: string): Promise<CostRow[]> {
  const [head, ...rest] = await linesIn(text);
  const names = (head?.cells ?? []).map((name) => name.trim().toLowerCase());
  const unknown = names.filter((name) => !COLUMNS.includes(name));
  if (unknown.length > 0 || !names.includes("day") || !names.includes("amount")) {
    throw new CommandFailure(
      `The first line of the file must name its columns: day and amount, and, if there are any, campaign and source.`,
    );
  }
  return rest.map(({ row: line, cells }) => {
    const cell = (name: string) => (cells[names.indexOf(name)] ?? "").trim();
    const [day, amount] = [cell("day"), cell("amount")];
    const cost = { day, campaign: cell("campaign") || null, amount, source: cell("source") || null };
    const isTooLong = cells.slice(names.length).some((more) => more.trim() !== "");
    return { line, cost: isTooLong ? null : cost };
  });
}

async function linesIn(text: string): Promise<CsvRow[]> {
  try {
    return await Array.fromAsync(readCsvFile(bytesOf(text)));
  } catch (error) {
    if (error instanceof FileUnreadable) throw new CommandFailure(error.message);
    throw error;
  }
}

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text);
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
    for (const { line, cost } of rows) {
      progress.say(`${set} of ${rows.length} rows`);
      try {
        if (cost === null) throw new CommandFailure("has more cells than the first line has columns");
        const answer = await callServer(context, {
          method: "POST",
          path,
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ ...cost, currency }),
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
