import { type CommandContext, CommandFailure, command, WrongUse } from "#cli/command/command.ts";
import { callServer, dataIn, listIn, ServerAway } from "#cli/command/remote.ts";
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
  const parts = filter.filter(([name]) => Object.hasOwn(PARTS, name));
  if (entries.length === 0) {
    for (const [name, id] of parts) await requirePart(name, id, context);
    context.write("Nothing was changed yet.\n");
  }
  for (const entry of entries.toReversed()) context.write(describeEntry(entry, parts));
}

/** The parts by which the history is narrowed: their kind in it, and where they are listed. */
const PARTS: Readonly<Record<string, { kind: string; path: string } | undefined>> = {
  campaign: { kind: "campaign", path: "campaigns" },
  supplier: { kind: "supplier", path: "suppliers" },
  buyer: { kind: "buyer", path: "buyers" },
  list: { kind: "suppression_list", path: "suppression-lists" },
  webhook: { kind: "webhook", path: "webhooks" },
};

/** Nothing is known of a part that was deleted, nor of an id that is mistyped. */
async function requirePart(name: string, id: string, context: CommandContext): Promise<void> {
  try {
    await callServer(context, { method: "GET", path: `/${PARTS[name]?.path}/${encodeURIComponent(id)}` });
  } catch (error) {
    if (!(error instanceof CommandFailure) || error instanceof ServerAway) throw error;
    throw new CommandFailure(
      `There is no ${name} ${JSON.stringify(id)}, and never was one that was changed.`,
    );
  }
}

/** What the server knows of one revision. */
export async function requestRevision(revision: string, context: CommandContext): Promise<Response> {
  return callServer(context, { method: "GET", path: `/history/${encodeURIComponent(revision)}` });
}

/** One entry; of its changes, those of the parts that are asked for. */
function describeEntry(
  entry: Readonly<Record<string, unknown>>,
  parts: readonly [name: string, id: string][] = [],
): string {
  const { revision, at, by, via, restored_revision: restored, changes } = entry;
  const way = via === "rollback" ? `rollback to ${String(restored)}` : String(via);
  const isAskedFor = ({ kind, id }: { kind: string; id: string }) =>
    parts.length === 0 || parts.some(([name, asked]) => PARTS[name]?.kind === kind && asked === id);
  const lines = changesFrom(changes)
    .filter(isAskedFor)
    .flatMap(({ summary }) => summary.split("\n"));
  const indented = lines.map((line) => `    ${line}\n`).join("");
  const number = typeof revision === "number" ? revision : "-";
  return `${number}  ${String(at)}  ${String(by)}  ${way}\n${indented}`;
}
