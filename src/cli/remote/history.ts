import { type CommandContext, command, WrongUse } from "#cli/command/command.ts";
import { callServer, dataIn, listIn } from "#cli/command/remote.ts";
import { changesFrom } from "./plan-output.ts";

/** Who changed what and when, the newest last, where the eye is; or all that one revision changed. */
export const history = command({
  name: "history",
  purpose: "say who changed what and when, or all that one revision changed",
  example: "leadgate history --buyer sunco --limit 5",
  options: {
    "--campaign ID": "only changes of this campaign",
    "--supplier ID": "only changes of this supplier",
    "--buyer ID": "only changes of this buyer",
    "--list ID": "only changes of this suppression list",
    "--webhook ID": "only changes of this webhook",
    "--limit N": "how many, the newest; 20 unless said otherwise, at most 200",
  },
  forms: {
    async "[REVISION]"({ REVISION, ...typed }, context) {
      const filter = Object.entries(typed).filter(
        (entry): entry is [string, string] => entry[1] !== undefined,
      );
      if (REVISION === undefined) await showNewest(filter, context);
      else if (filter.length > 0) throw new WrongUse();
      else context.write(describeEntry(await dataIn(await requestRevision(REVISION, context))));
    },
  },
});

async function showNewest(filter: [string, string][], context: CommandContext): Promise<void> {
  const query = new URLSearchParams({ limit: "20", ...Object.fromEntries(filter) });
  const entries = await listIn(await callServer(context, { method: "GET", path: `/history?${query}` }));
  for (const entry of entries.toReversed()) context.write(describeEntry(entry));
  if (entries.length === 0) context.write("Nothing was changed yet.\n");
}

/** What the server knows of one revision. */
export async function requestRevision(revision: string, context: CommandContext): Promise<Response> {
  return callServer(context, { method: "GET", path: `/history/${encodeURIComponent(revision)}` });
}

function describeEntry(entry: Readonly<Record<string, unknown>>): string {
  const { revision, at, by, via, restored_revision: restored, changes } = entry;
  const way = via === "rollback" ? `rollback to ${String(restored)}` : String(via);
  const lines = changesFrom(changes).flatMap(({ summary }) => summary.split("\n"));
  const indented = lines.map((line) => `    ${line}\n`).join("");
  const number = typeof revision === "number" ? revision : "-";
  return `${number}  ${String(at)}  ${String(by)}  ${way}\n${indented}`;
}
