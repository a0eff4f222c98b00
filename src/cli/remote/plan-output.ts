import type { CommandContext } from "#cli/command/command.ts";
import { callServer, dataIn } from "#cli/command/remote.ts";
import { isMapping } from "#text/problem.ts";

/** What a document would change, as the server says. */
export interface Planned {
  revision: number;
  changes: PlannedChange[];
}

export interface PlannedChange {
  action: string;
  summary: string;
}

/** Asks the server what a document would change. */
export async function requestPlan(
  document: string,
  mediaType: string,
  context: CommandContext,
): Promise<Planned> {
  const response = await callServer(context, {
    method: "POST",
    path: "/config/plan",
    headers: { "content-type": mediaType },
    body: document,
  });
  const { revision, changes } = await dataIn(response);
  return { revision: Number(revision), changes: changesFrom(changes) };
}

/** The changes that an answer lists. */
export function changesFrom(changes: unknown): PlannedChange[] {
  if (!Array.isArray(changes)) return [];
  return changes
    .filter(isMapping)
    .map(({ action, summary }) => ({ action: String(action), summary: String(summary) }));
}

/** One paragraph a change, ready to be written out. */
export function describeChanges(changes: readonly PlannedChange[]): string {
  if (changes.length === 0) return "Nothing changes.\n";
  return `${changes.map((change) => change.summary).join("\n")}\n`;
}

/** What a change of the configuration did, in words, with the keys that are shown this once. */
export function describeApplied({
  revision,
  changes,
  created_keys: keys,
}: Readonly<Record<string, unknown>>): string {
  return `${describeChanges(changesFrom(changes))}Revision ${String(revision)} is in force.\n${describeKeys(keys)}`;
}

function describeKeys(keys: unknown): string {
  if (!Array.isArray(keys) || keys.length === 0) return "";
  const lines = keys
    .filter(isMapping)
    .map(({ supplier_id: supplier, key }) => `  ${String(supplier)}  ${String(key)}\n`);
  return `Keys of the new suppliers, shown this once:\n${lines.join("")}`;
}

/** How the text of a file is to be read: by its name, JSON or YAML. */
export function mediaTypeOfFile(file: string): string {
  return file.toLowerCase().endsWith(".json") ? "application/json" : "application/yaml";
}
