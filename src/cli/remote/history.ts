import { asks, JSON_OPTION, LIMIT_OPTION, listedRows, type View } from "#cli/command/asking.ts";
import { command } from "#cli/command/command.ts";
import type { Mapping } from "#text/problem.ts";
import { changesFrom } from "./plan-output.ts";

/** The parts by which the history is narrowed, and their kind in it. */
const PARTS = {
  campaign: "campaign",
  supplier: "supplier",
  buyer: "buyer",
  list: "suppression_list",
  webhook: "webhook",
} as const;

/** Who changed what and when, the newest last, where the eye is; of each change, what concerns the parts that were asked for. */
const newestLast: View = ({ body, typed }) => {
  const asked = Object.entries(PARTS).flatMap(([name, kind]) => {
    const id = typed[name];
    return typeof id === "string" ? [{ kind, id }] : [];
  });
  const entries = listedRows(body.data);
  return entries
    .toReversed()
    .map((entry) => describeEntry(entry, asked))
    .join("");
};

const FILTER =
  "[--campaign ID] [--supplier ID] [--buyer ID] [--list ID] [--webhook ID] [--operator-key ID] [--since TIME] [--until TIME]";

/** Who changed what and when, or all that one revision changed. */
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
    "--operator-key ID": "only changes of this operator's key",
    "--since TIME": "from this day (in UTC) or time on, such as 2030-01-31T00:00:00Z",
    "--until TIME": "up to the end of this day, or before this time",
    ...LIMIT_OPTION,
    ...JSON_OPTION,
  },
  forms: {
    [`${FILTER} [--limit N]` as const]: asks(
      "GET /history",
      "who changed what and when, the newest last",
      newestLast,
      { takesDays: true },
    ),
    REVISION: asks("GET /history/REVISION", "all that one revision changed", ({ data }) =>
      describeEntry(data),
    ),
  },
});

/** One entry, by its revision, or by its id where leads are decided as before; of its changes, those of the parts asked for. */
function describeEntry(entry: Mapping, asked: readonly { kind: string; id: string }[] = []): string {
  const { revision, id, at, by, via, restored_revision: restored, changes } = entry;
  const way = via === "rollback" ? `rollback to ${String(restored)}` : String(via);
  const lines = changesFrom(changes)
    .filter(
      (change) =>
        asked.length === 0 || asked.some(({ kind, id }) => kind === change.kind && id === change.id),
    )
    .flatMap(({ summary }) => summary.split("\n"));
  const indented = lines.map((line) => `    ${line}\n`).join("");
  return `${String(revision ?? id)}  ${String(at)}  ${String(by)}  ${way}\n${indented}`;
}
