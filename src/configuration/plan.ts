import { below, isMapping, type Mapping } from "#text/problem.ts";
import { withDefaults } from "./defaults.ts";
import type { IdentifiedDocument } from "./identify.ts";

export type PartKind = "suppression_list" | "supplier" | "buyer" | "campaign" | "webhook";

/** What applying a document does to one part of the configuration. */
export interface Change {
  kind: PartKind;
  id: string;
  name: string;
  action: "created" | "restored" | "changed" | "archived" | "deleted";
  /** For a part that is changed, each setting that differs, defaults included. */
  differences: Difference[];
}

/** `from` and `to` are absent where the setting itself comes or goes. */
export interface Difference {
  path: string;
  from?: unknown;
  to?: unknown;
}

/** What the documents alone can't tell: who has leads, entries, deliveries or money on record, and who was archived earlier. */
export interface OnRecord {
  inUse(kind: PartKind, id: string): boolean;
  isArchived(kind: PartKind, id: string): boolean;
}

const PARTS = [
  ["suppression_list", "suppression_lists"],
  ["supplier", "suppliers"],
  ["buyer", "buyers"],
  ["campaign", "campaigns"],
  ["webhook", "webhooks"],
] as const;

/** What would change from one document to the other; empty when they mean the same. */
export function planChange(
  current: IdentifiedDocument | null,
  wanted: IdentifiedDocument,
  onRecord: OnRecord,
): Change[] {
  const before = current && withDefaults(current);
  const after = withDefaults(wanted);
  return PARTS.flatMap(([kind, list]) => planParts(kind, before?.[list] ?? [], after[list], onRecord));
}

/** The parts of the current document that the wanted one leaves out. */
export function leftOut(
  current: IdentifiedDocument | null,
  wanted: IdentifiedDocument,
): { kind: PartKind; id: string }[] {
  return PARTS.flatMap(([kind, list]) => {
    const kept = new Set(wanted[list]?.map((part) => part.id));
    return (current?.[list] ?? [])
      .filter((part) => !kept.has(part.id))
      .map((part) => ({ kind, id: part.id }));
  });
}

/** One change as an operator reads it: a headline, and a line for each setting that differs. */
export function changeInWords(change: {
  kind: string;
  id: string;
  name: string | null;
  action: string;
  differences: readonly Difference[];
}): string {
  const name = change.name === null ? "" : ` (${change.name})`;
  const headline = `${spaced(change.kind)} ${change.id}${name} ${spaced(change.action)}`;
  const lines = change.differences.map(
    ({ path, from, to }) => `  ${path}: ${inWords(from)} → ${inWords(to)}`,
  );
  return [headline, ...lines].join("\n");
}

function spaced(word: string): string {
  return word.replaceAll("_", " ");
}

/** Each setting that is written in a part, as one that comes or goes with it. */
export function settingsOf(part: Mapping, comesOrGoes: "to" | "from"): Difference[] {
  const [from, to] = comesOrGoes === "to" ? [{}, part] : [part, {}];
  return mappingDifferences(from, to, (name) => name);
}

interface Part {
  id: string;
  name: string;
}

function planParts(
  kind: PartKind,
  before: readonly Part[],
  after: readonly Part[],
  onRecord: OnRecord,
): Change[] {
  const earlier = new Map(before.map((part) => [part.id, part]));
  const kept = new Set(after.map((part) => part.id));
  const wanted = after.flatMap((part): Change[] => {
    const was = earlier.get(part.id);
    if (was === undefined) {
      const action = onRecord.isArchived(kind, part.id) ? "restored" : "created";
      return [{ kind, id: part.id, name: part.name, action, differences: [] }];
    }
    const differences = differencesBetween(was, part, "");
    return differences.length === 0
      ? []
      : [{ kind, id: part.id, name: part.name, action: "changed", differences }];
  });
  const gone = before
    .filter((part) => !kept.has(part.id))
    .map((part): Change => {
      const action = onRecord.inUse(kind, part.id) ? "archived" : "deleted";
      return { kind, id: part.id, name: part.name, action, differences: [] };
    });
  return [...wanted, ...gone];
}

/** Mappings are compared name by name; lists whose entries have a name of their own, entry by entry; all else as a whole. */
function differencesBetween(from: unknown, to: unknown, path: string): Difference[] {
  if (Bun.deepEquals(from, to, true)) return [];
  if (isMapping(from) && isMapping(to) && !isRule(from) && !isRule(to)) {
    return mappingDifferences(from, to, (name) => below(path, name));
  }
  const [fromByName, toByName] = [entriesByName(from), entriesByName(to)];
  if (fromByName !== null && toByName !== null) {
    const inside = mappingDifferences(fromByName, toByName, (name) => `${path}[${name}]`);
    // The same entries in another order: order decides ties between buyers, so it is a change.
    return inside.length > 0 ? inside : [{ path, from: Object.keys(fromByName), to: Object.keys(toByName) }];
  }
  const [fromTemplate, toTemplate] = [templateIn(from, path), templateIn(to, path)];
  if (fromTemplate !== null && toTemplate !== null) {
    const inside = mappingDifferences(fromTemplate, toTemplate, (name) => below(path, name));
    if (inside.length > 0) return inside;
  }
  return [
    {
      path,
      ...(from === undefined ? {} : { from: shown(from, path) }),
      ...(to === undefined ? {} : { to: shown(to, path) }),
    },
  ];
}

/** A webhook's template is kept as text, for its order, and reads better name by name; an e-mail's is no mapping. */
function templateIn(value: unknown, path: string): Mapping | null {
  if (!/^delivery\.(ping\.)?template$/.test(path) || typeof value !== "string") return null;
  try {
    const template: unknown = JSON.parse(value);
    return isMapping(template) ? template : null;
  } catch {
    return null;
  }
}

const HEADERS = /^(delivery\.(ping\.)?)?headers(\.|$)/;

/** A value as a plan shows it. Headers may be passwords, and plans are printed and kept. */
function shown(value: unknown, path: string): unknown {
  const isHeader = HEADERS.test(path);
  if (!isMapping(value)) return isHeader ? "(not shown)" : value;
  if (path !== "delivery" && path !== "delivery.ping" && !isHeader) return value;
  const members = Object.entries(value).map(([name, member]) => [name, shown(member, below(path, name))]);
  return Object.fromEntries(members);
}

function mappingDifferences(from: Mapping, to: Mapping, pathOf: (name: string) => string): Difference[] {
  const names = new Set([...Object.keys(from), ...Object.keys(to)]);
  return [...names].flatMap((name) => {
    const [was, is] = [
      Object.hasOwn(from, name) ? from[name] : undefined,
      Object.hasOwn(to, name) ? to[name] : undefined,
    ];
    return differencesBetween(was, is, pathOf(name));
  });
}

/** A filter reads better whole than in pieces. */
function isRule(value: Mapping): boolean {
  return ["all", "any", "not", "op"].some((key) => Object.hasOwn(value, key));
}

function entriesByName(value: unknown): Mapping | null {
  if (!Array.isArray(value) || value.length === 0) return null;
  const named = value.map((entry: unknown) => [
    isMapping(entry) ? (entry.buyer ?? entry.supplier ?? entry.name) : undefined,
    entry,
  ]);
  return named.every(([name]) => typeof name === "string") ? Object.fromEntries(named) : null;
}

const LONGEST_VALUE = 200;

function inWords(value: unknown): string {
  if (value === undefined) return "(absent)";
  const text = JSON.stringify(value);
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text;
}
