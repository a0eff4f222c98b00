import type { CompleteDocument } from "#campaigns/definition.ts";
import { isMapping, joinPath, type Mapping } from "#text/problem.ts";
import { withDefaults } from "./defaults.ts";
import type { IdentifiedDocument } from "./identify.ts";
import { resourcesOfKind } from "./resource.ts";
import { LISTS, RESOURCE_KINDS, type ResourceKind } from "./resource-kind.ts";

/** What applying a document does to one resource of the configuration, or to a setting that belongs to none. */
export interface Change {
  kind: ResourceKind | "setting";
  id: string;
  name: string;
  action: "created" | "restored" | "changed" | "archived" | "deleted";
  /** For a resource that is changed, each setting that differs, defaults included. */
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
  inUse(kind: ResourceKind, id: string): boolean;
  isArchived(kind: ResourceKind, id: string): boolean;
}

/** What would change from one document to the other; empty when they mean the same. */
export function planChange(
  current: IdentifiedDocument | null,
  wanted: IdentifiedDocument,
  onRecord: OnRecord,
): Change[] {
  const before = current && withDefaults(current);
  const after = withDefaults(wanted);
  const resources = RESOURCE_KINDS.flatMap((kind) => {
    const { name } = LISTS[kind];
    return planResources(kind, before?.[name] ?? [], after[name], onRecord);
  });
  const settings = before ?? withDefaults(NOTHING);
  return [...resources, ...SETTINGS.flatMap((name) => planSetting(name, settings[name], after[name]))];
}

const NOTHING: IdentifiedDocument = { version: 1 };

/** Whom the server tells by e-mail, what it is called and how long it keeps leads are no resources: they are always there, and change. */
const SETTINGS = ["alerts", "brand", "records_days"] as const;

function planSetting<Name extends (typeof SETTINGS)[number]>(
  name: Name,
  before: CompleteDocument[Name],
  after: CompleteDocument[Name],
): Change[] {
  const differences = differencesBetween(before, after, isMapping(before) ? "" : name);
  if (differences.length === 0) return [];
  return [{ kind: "setting", id: name, name, action: "changed", differences }];
}

/** The resources of the current document that the wanted one leaves out. */
export function resourcesLeftOut(
  current: IdentifiedDocument | null,
  wanted: IdentifiedDocument,
): { kind: ResourceKind; id: string }[] {
  return RESOURCE_KINDS.flatMap((kind) => {
    const kept = new Set(resourcesOfKind(wanted, kind).map(({ id }) => id));
    return resourcesOfKind(current, kind)
      .filter(({ id }) => !kept.has(id))
      .map(({ id }) => ({ kind, id }));
  });
}

/** One change as an operator reads it: a headline, and a line for each setting that differs. */
export function describeChange(change: {
  kind: string;
  id: string;
  name: string | null;
  action: string;
  differences: readonly Difference[];
}): string {
  const name = change.name === null ? "" : ` (${change.name})`;
  const headline = `${spaced(change.kind)} ${change.id}${name} ${spaced(change.action)}`;
  const lines = change.differences.map(
    ({ path, from, to }) => `  ${path}: ${settingText(from)} → ${settingText(to)}`,
  );
  return [headline, ...lines].join("\n");
}

function spaced(word: string): string {
  return word.replaceAll("_", " ");
}

/** Each setting that is written in a resource, as one that comes or goes with it. */
export function settingsOf(resource: Mapping, comesOrGoes: "to" | "from"): Difference[] {
  const [from, to] = comesOrGoes === "to" ? [{}, resource] : [resource, {}];
  return mappingDifferences(from, to, (name) => name);
}

interface NamedResource {
  id: string;
  name: string;
}

function planResources(
  kind: ResourceKind,
  before: readonly NamedResource[],
  after: readonly NamedResource[],
  onRecord: OnRecord,
): Change[] {
  const earlier = new Map(before.map((resource) => [resource.id, resource]));
  const kept = new Set(after.map((resource) => resource.id));
  const wanted = after.flatMap((resource): Change[] => {
    const was = earlier.get(resource.id);
    if (was === undefined) {
      const action = onRecord.isArchived(kind, resource.id) ? "restored" : "created";
      return [{ kind, id: resource.id, name: resource.name, action, differences: [] }];
    }
    const differences = differencesBetween(was, resource, "");
    return differences.length === 0
      ? []
      : [{ kind, id: resource.id, name: resource.name, action: "changed", differences }];
  });
  const gone = before
    .filter((resource) => !kept.has(resource.id))
    .map((resource): Change => {
      const action = onRecord.inUse(kind, resource.id) ? "archived" : "deleted";
      return { kind, id: resource.id, name: resource.name, action, differences: [] };
    });
  return [...wanted, ...gone];
}

/** Mappings are compared name by name; lists whose entries have a name of their own, entry by entry; all else as a whole. */
function differencesBetween(from: unknown, to: unknown, path: string): Difference[] {
  if (Bun.deepEquals(from, to, true)) return [];
  // Sealed, it is one text, whichever way it is stored.
  if (SECRET_PLACE.test(path)) return [difference(from, to, path)];
  if (isMapping(from) && isMapping(to) && !isRule(from) && !isRule(to)) {
    return mappingDifferences(from, to, (name) => joinPath(path, name));
  }
  const [fromByName, toByName] = [entriesByName(from), entriesByName(to)];
  if (fromByName !== null && toByName !== null) {
    const inside = mappingDifferences(fromByName, toByName, (name) => `${path}[${name}]`);
    // The same entries in another order: order decides ties between buyers, so it is a change.
    return inside.length > 0 ? inside : [{ path, from: Object.keys(fromByName), to: Object.keys(toByName) }];
  }
  const [fromTemplate, toTemplate] = [parseTemplate(from, path), parseTemplate(to, path)];
  if (fromTemplate !== null && toTemplate !== null) {
    const inside = mappingDifferences(fromTemplate, toTemplate, (name) => joinPath(path, name));
    if (inside.length > 0) return inside;
  }
  return [difference(from, to, path)];
}

function difference(from: unknown, to: unknown, path: string): Difference {
  return {
    path,
    ...(from === undefined ? {} : { from: shownSetting(from, path) }),
    ...(to === undefined ? {} : { to: shownSetting(to, path) }),
  };
}

/** A webhook's template is kept as text, for its order, and reads better name by name; an e-mail's is no mapping. */
function parseTemplate(value: unknown, path: string): Mapping | null {
  if (!/^(delivery\.(ping\.)?|checks\[[^\]]*\]\.)template$/.test(path) || typeof value !== "string")
    return null;
  try {
    const template: unknown = JSON.parse(value);
    return isMapping(template) ? template : null;
  } catch {
    return null;
  }
}

/** Where URLs and headers stand, of which parts may be sealed. */
const SECRET_PLACE = /^(delivery\.(ping\.)?|checks\[[^\]]*\]\.)?((test_)?url$|headers\..)/;
const AROUND_SECRETS =
  /^((delivery\.(ping\.)?|checks\[[^\]]*\]\.)?headers|delivery(\.ping)?|checks\[[^\]]*\])$/;

/** A setting as a plan shows it, for plans are printed and kept. */
function shownSetting(value: unknown, path: string): unknown {
  if (Array.isArray(value) && path === "checks")
    return value.map((each: unknown) => shownSetting(each, "checks[]"));
  if (!isMapping(value)) return value;
  if (SECRET_PLACE.test(path)) return value.shown;
  if (!AROUND_SECRETS.test(path)) return value;
  const members = Object.entries(value).map(([name, member]) => [
    name,
    shownSetting(member, joinPath(path, name)),
  ]);
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
    isMapping(entry) ? (entry.buyer ?? entry.supplier ?? entry.name ?? entry.id) : undefined,
    entry,
  ]);
  return named.every(([name]) => typeof name === "string") ? Object.fromEntries(named) : null;
}

const LONGEST_VALUE = 200;

function settingText(value: unknown): string {
  if (value === undefined) return "(absent)";
  const text = JSON.stringify(value);
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text;
}
