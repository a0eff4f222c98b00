import type { CommandContext, Terminal } from "#cli/command/command.ts";
import { isJsonFile, type TypedFile } from "#cli/command/file-body.ts";
import { type Colour, painted } from "#cli/command/paint.ts";
import { callServer, dataIn } from "#cli/command/remote.ts";
import { isMapping, type Mapping } from "#text/problem.ts";

/** What a document would change, as the server says. */
export interface Planned {
  /** The answer as it came. */
  data: Mapping;
  revision: number;
  changes: PlannedChange[];
}

export interface PlannedChange {
  kind: string;
  id: string;
  action: string;
  summary: string;
  differences: Mapping[];
}

/** Asks the server what a document would change. */
export async function requestPlan(document: TypedFile, context: CommandContext): Promise<Planned> {
  const response = await callServer(context, {
    method: "POST",
    path: "/config/plan",
    headers: { "content-type": mediaTypeFor(document) },
    body: document.text,
    file: document.file,
  });
  return await plannedIn(response);
}

/** A plan as a server has answered it. */
export async function plannedIn(response: Response): Promise<Planned> {
  const data = await dataIn(response);
  return { data, revision: Number(data.revision), changes: changesFrom(data.changes) };
}

/** The changes that an answer lists. */
export function changesFrom(changes: unknown): PlannedChange[] {
  if (!Array.isArray(changes)) return [];
  return changes.filter(isMapping).map(({ kind, id, action, summary, differences }) => ({
    kind: String(kind),
    id: String(id),
    action: String(action),
    summary: String(summary),
    differences: Array.isArray(differences) ? differences.filter(isMapping) : [],
  }));
}

/** A paragraph for each change and for each warning, and a line that sums them up. */
export function describePlan({ changes, warnings }: Mapping, terminal: Terminal): string {
  const listed = changesFrom(changes);
  const paragraphs = listed.map(({ action, summary }) => painted(summary, COLOURS[action], terminal));
  const warned = warningsFrom(warnings).map(
    ({ path, code, message }) => `${painted("warning", "yellow", terminal)} ${path}: ${message} (${code})`,
  );
  const lines = [...paragraphs, ...warned, summaryOf(listed, warned.length)];
  return `${lines.join("\n")}\n`;
}

/** The answer as the API gives it. */
export function jsonOf(data: Mapping): string {
  return `${JSON.stringify({ data })}\n`;
}

/** What may be meant otherwise, as an answer lists it. */
export function warningsFrom(warnings: unknown): { path: string; code: string; message: string }[] {
  if (!Array.isArray(warnings)) return [];
  return warnings
    .filter(isMapping)
    .map(({ path, code, message }) => ({ path: String(path), code: String(code), message: String(message) }));
}

/** `19 created, 3 archived, 2 warnings.` */
function summaryOf(changes: readonly PlannedChange[], warnings: number): string {
  const counts = Map.groupBy(changes, ({ action }) => action);
  const counted = Array.from(counts, ([action, each]) => `${each.length} ${action}`);
  const warned = warnings === 0 ? [] : [warnings === 1 ? "1 warning" : `${warnings} warnings`];
  if (counted.length === 0) return ["Nothing changes", ...warned].join(", ").concat(".");
  return `${[...counted, ...warned].join(", ")}.`;
}

const COLOURS: Readonly<Record<string, Colour>> = {
  created: "green",
  restored: "green",
  changed: "yellow",
  archived: "red",
  deleted: "red",
};

/** What a change of the configuration did, in words, with the keys that are shown this once. */
export function describeApplied(data: Mapping, terminal: Terminal): string {
  const { revision, created_keys: keys } = data;
  return `${describePlan(data, terminal)}Revision ${String(revision)} is in force.\n${describeKeys(keys)}`;
}

function describeKeys(keys: unknown): string {
  if (!Array.isArray(keys) || keys.length === 0) return "";
  const lines = keys
    .filter(isMapping)
    .map(({ supplier_id: supplier, key }) => `  ${String(supplier)}  ${String(key)}\n`);
  return `Keys of the new suppliers, shown this once:\n${lines.join("")}${WHAT_TO_SEND}`;
}

const WHAT_TO_SEND =
  "What they send stands on each campaign's page, with code and examples: leadgate campaigns link CAMPAIGN --supplier SUPPLIER.\n";

/** How a document is to be read. */
export function mediaTypeFor(document: TypedFile): string {
  return isJsonFile(document) ? "application/json" : "application/yaml";
}
