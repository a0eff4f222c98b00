import { RefusedDocument } from "#configuration/problems/refused-document.ts";
import type { DocumentProblem } from "#configuration/problems/schema-problems.ts";
import { HIDDEN } from "#endpoints/credentials/secret-parts.ts";
import { sealTarget, shownTarget } from "#endpoints/credentials/target.ts";
import type { ConfiguredKind } from "#endpoints/recipient.ts";
import { isMapping, joinPath, type Mapping, prefixed } from "#text/problem.ts";

/**
 * The secrets in a document: what URLs and headers have to show to those whom they reach. A document that is stored has them sealed, and
 * shows `***` in their place to everybody.
 */

/** Where a document lists those that something is sent to, and the campaigns, whose checks something is sent to. */
const HOLDERS = [
  { kind: "buyer", list: "buyers" },
  { kind: "webhook", list: "webhooks" },
  { kind: "campaign", list: "campaigns" },
] as const;

type HolderKind = ConfiguredKind | "campaign";

/** A part of the document that has secrets in it. */
export type SecretHolder = `${HolderKind}:${string}`;

/** The document as anybody may see it. It can be applied as it is: `***` keeps what is there. */
export function shownDocument<Document extends object>(document: Document): Document {
  return withHolders(document, shownResource);
}

/** One resource of any kind as anybody may see it. */
export function shownResource<Resource extends Mapping>(kind: string, resource: Resource): Resource {
  return withTargets(kind, resource, shownTarget) as Resource;
}

/** What was stored of those parts until now. */
export type KeptResources = ReadonlyMap<SecretHolder, Mapping>;

/** The parts of a stored document that have secrets in them. */
export function secretHoldersIn(document: object | null): Map<SecretHolder, Mapping> {
  const found = new Map<SecretHolder, Mapping>();
  if (document === null) return found;
  withHolders(document, (kind, resource) => {
    found.set(`${kind}:${String(resource.id)}`, resource);
    return resource;
  });
  return found;
}

/** Those of which something may be meant to be kept. */
export function holdersWithHidden(document: object): SecretHolder[] {
  return [...secretHoldersIn(document)].flatMap(([holder, resource]) =>
    JSON.stringify(resource).includes(HIDDEN) ? [holder] : [],
  );
}

/**
 * The document, whose resources have ids, as it may be stored, its secrets sealed under `key`: `***` is what `kept` has there.
 * Throws RefusedDocument when that is nothing.
 */
export function sealDocument<Document extends object>(
  written: Document,
  kept: KeptResources,
  key: Uint8Array,
): Document {
  const problems: DocumentProblem[] = [];
  const sealed = withHolders(written, (kind, resource, place) => {
    const found = sealResource({ kind, resource, kept: kept.get(`${kind}:${String(resource.id)}`) }, key);
    problems.push(...found.problems.map((each) => ({ ...each, ...prefixed(place, each) })));
    return found.resource;
  });
  if (problems.length > 0) throw new RefusedDocument(problems);
  return sealed;
}

/** A resource as it may be stored, whether it is as it was written or with its defaults. */
export function sealResource(
  { kind, resource, kept }: { kind: HolderKind; resource: Mapping; kept: Mapping | undefined },
  key: Uint8Array,
): { resource: Mapping; problems: DocumentProblem[] } {
  const problems: DocumentProblem[] = [];
  const owner = { recipient: `${kind}:${String(resource.id)}` as const, key, isTemplate: kind !== "webhook" };
  const sealed = withTargets(kind, resource, (target, path) => {
    const found = sealTarget(target, keptTarget(kept, path, target), owner);
    problems.push(
      ...found.problems.map((each) => ({ ...prefixed(path, each), code: "not_allowed" as const })),
    );
    return found.target;
  });
  return { resource: sealed, problems };
}

function withHolders<Document extends object>(
  document: Document,
  change: (kind: HolderKind, resource: Mapping, place: string) => Mapping,
): Document {
  const changed = { ...document } as Record<string, unknown>;
  for (const { kind, list } of HOLDERS) {
    const resources = changed[list];
    if (!Array.isArray(resources)) continue;
    changed[list] = resources.map((resource: unknown, index) =>
      isMapping(resource) ? change(kind, resource, joinPath(list, index)) : resource,
    );
  }
  return changed as Document;
}

/** The resource with each place changed that says where something is sent. */
function withTargets(
  kind: string,
  resource: Mapping,
  change: (target: Mapping, path: string) => Mapping,
): Mapping {
  if (kind === "webhook") return change(resource, "");
  if (kind === "campaign") return withChecks(resource, change);
  if (kind !== "buyer" || !isMapping(resource.delivery)) return resource;
  const delivery = change(resource.delivery, "delivery");
  const { ping } = delivery;
  return {
    ...resource,
    delivery: isMapping(ping) ? { ...delivery, ping: change(ping, "delivery.ping") } : delivery,
  };
}

function withChecks(campaign: Mapping, change: (target: Mapping, path: string) => Mapping): Mapping {
  const { checks } = campaign;
  if (!Array.isArray(checks)) return campaign;
  return {
    ...campaign,
    checks: checks.map((check: unknown, index) =>
      isMapping(check) ? change(check, joinPath("checks", index)) : check,
    ),
  };
}

/** A check keeps its secrets wherever it stands now. */
function keptTarget(kept: Mapping | undefined, path: string, { id }: Mapping): Mapping | undefined {
  if (!path.startsWith("checks[")) return targetAt(kept, path);
  const checks: unknown[] = Array.isArray(kept?.checks) ? kept.checks : [];
  return checks.filter(isMapping).find((check) => check.id === id);
}

function targetAt(resource: Mapping | undefined, path: string): Mapping | undefined {
  const steps = path === "" ? [] : path.split(".");
  const found = steps.reduce<unknown>(
    (target, step) => (isMapping(target) ? target[step] : undefined),
    resource,
  );
  return isMapping(found) ? found : undefined;
}
