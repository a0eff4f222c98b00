import { once } from "node:events";
import { type CommandContext, CommandFailure, exitCodeOf, sorted, WrongUse } from "./command.ts";
import { call } from "./server-call.ts";

const USE = `leadgate leads export [--format csv|ndjson] [--fields NAMES] [--since TIME] [--until TIME] [--campaign ID]
       [--supplier ID] [--buyer ID] [--status STATUS] [--test true|false] [--phone PHONE] [--email EMAIL]`;

/** The settings of the export's query that are typed as options. */
const FILTERS = [
  "campaign",
  "supplier",
  "buyer",
  "status",
  "test",
  "since",
  "until",
  "phone",
  "email",
] as const;

/** `leadgate leads export`: the leads of a query to standard output, as they are read. */
export async function leads(args: string[], context: CommandContext): Promise<number> {
  return exitCodeOf(context, async () => {
    const { values, positionals } = sorted(args, USE, {
      format: { type: "string" },
      fields: { type: "string" },
      campaign: { type: "string" },
      supplier: { type: "string" },
      buyer: { type: "string" },
      status: { type: "string" },
      test: { type: "string" },
      since: { type: "string" },
      until: { type: "string" },
      phone: { type: "string" },
      email: { type: "string" },
    });
    if (positionals.length !== 1 || positionals[0] !== "export") throw new WrongUse(USE);
    const query = new URLSearchParams({ format: values.format ?? "csv" });
    for (const name of ["fields", ...FILTERS] as const) {
      const value = values[name];
      if (value !== undefined) query.set(name, value);
    }
    const response = await call(context, { method: "GET", path: `/leads?${query}` });
    const decoder = new TextDecoder();
    try {
      for await (const chunk of response.body ?? []) {
        context.write(decoder.decode(chunk, { stream: true }));
        // A pipe that is read slowly must slow the server down, and not fill this process.
        if (process.stdout.writableNeedDrain) await once(process.stdout, "drain");
      }
    } catch {
      throw new CommandFailure("The server broke the export off: what was written is not all of it.");
    }
  });
}
