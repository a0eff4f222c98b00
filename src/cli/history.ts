import { isMapping } from "#text/problem.ts";
import { type CommandContext, exitCodeOf, sorted, WrongUse } from "./command.ts";
import { changesFrom } from "./planned.ts";
import { call, dataOf } from "./server-call.ts";

const USE =
  "leadgate history [REVISION] [--campaign ID] [--supplier ID] [--buyer ID] [--list ID] [--webhook ID] [--limit N]";

/** `leadgate history [REVISION]`: who changed what and when, the newest last, where the eye is; or all that one revision changed. */
export async function history(args: string[], context: CommandContext): Promise<number> {
  return exitCodeOf(context, async () => {
    const { values, positionals } = sorted(args, USE, {
      campaign: { type: "string" },
      supplier: { type: "string" },
      buyer: { type: "string" },
      list: { type: "string" },
      webhook: { type: "string" },
      limit: { type: "string" },
    });
    const [revision, ...more] = positionals;
    const query = new URLSearchParams({ limit: "20", ...values });
    if (more.length > 0) throw new WrongUse(USE);
    if (revision === undefined) {
      const response = await call(context, { method: "GET", path: `/history?${query}` });
      const body: unknown = await response.json();
      const entries = isMapping(body) && Array.isArray(body.data) ? body.data.filter(isMapping) : [];
      for (const entry of entries.toReversed()) context.write(entryInWords(entry));
      if (entries.length === 0) context.write("Nothing was changed yet.\n");
    } else {
      if (Object.keys(values).length > 0) throw new WrongUse(USE);
      context.write(entryInWords(await dataOf(await askForRevision(revision, context))));
    }
  });
}

/** What the server knows of one revision. */
export async function askForRevision(revision: string, context: CommandContext): Promise<Response> {
  return call(context, { method: "GET", path: `/history/${encodeURIComponent(revision)}` });
}

function entryInWords(entry: Readonly<Record<string, unknown>>): string {
  const { revision, at, by, via, restored_revision: restored, changes } = entry;
  const way = via === "rollback" ? `rollback to ${String(restored)}` : String(via);
  const lines = changesFrom(changes).flatMap(({ summary }) => summary.split("\n"));
  const indented = lines.map((line) => `    ${line}\n`).join("");
  const number = typeof revision === "number" ? revision : "-";
  return `${number}  ${String(at)}  ${String(by)}  ${way}\n${indented}`;
}
