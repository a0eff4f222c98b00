import { once } from "node:events";
import { CommandFailure, command } from "#cli/command/command.ts";
import { callServer } from "#cli/command/remote.ts";

/** Writes the leads of a query to standard output, as they are read. */
export const leads = command({
  name: "leads",
  purpose: "write the leads of a query to standard output, as CSV or as lines of JSON",
  example: "leadgate leads export --campaign solar --sales --since 2026-01-01 > leads.csv",
  options: {
    "--format FORMAT": "csv, which it is without this, or ndjson",
    "--sales": "a line for each sale instead of each lead, also those that were undone",
    "--fields NAMES": "these fields alone, with commas between; in CSV a column each",
    "--campaign ID": "of this campaign alone",
    "--supplier ID": "of this supplier alone",
    "--buyer ID": "sold to this buyer alone, at its price",
    "--status STATUS": "ACCEPTED, UNMATCHED, DUPLICATE, REJECTED or PENDING alone",
    "--test true|false": "test leads alone, or none",
    "--since DAY": "decided on this day or later, or at or after a time such as 2026-01-31T00:00:00Z",
    "--until DAY": "decided on this day at the latest, or before a time",
    "--timezone ZONE": "in which days begin; otherwise UTC",
    "--source TEXT": "with this source alone",
    "--reason WORD": "those alone that ended so for this reason",
    "--phone PHONE": "of the person with this phone",
    "--email EMAIL": "of the person with this e-mail",
  },
  forms: {
    // The options are named as the settings of the route's query.
    async export({ format = "csv", sales, ...filter }, context) {
      const query = new URLSearchParams({ format, ...(sales && { sales: "true" }) });
      for (const [name, value] of Object.entries(filter)) if (value !== undefined) query.set(name, value);
      const response = await callServer(context, { method: "GET", path: `/leads?${query}` });
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
    },
  },
});
