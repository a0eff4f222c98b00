import { typeid } from "typeid-js";
import { problemsIn } from "#configuration/problems/document-problems.ts";
import { entryAt, namedPaths } from "#configuration/problems/named-path.ts";
import type { DocumentProblem } from "#configuration/problems/schema-problems.ts";
import { isMapping, type Mapping } from "#text/problem.ts";
import type { IdentifiedDocument } from "./identify.ts";
import { LISTS, type ResourceKind } from "./resource-kind.ts";

/** One supplier, buyer, campaign, suppression list, webhook or conversion of the document, as the operator wrote it and with its id. */
export type Resource = Mapping & { readonly id: string };

/** The resources of a kind, in the document's order. */
export function resourcesOfKind(
  document: IdentifiedDocument | null,
  kind: ResourceKind,
): readonly Resource[] {
  return document?.[LISTS[kind].name] ?? [];
}

/** The resource with an id that was made for it, unless it has one; the id may be any value. */
export function withId(kind: ResourceKind, entry: Mapping): Mapping {
  return entry.id === undefined ? { id: typeid(LISTS[kind].prefix).toString(), ...entry } : entry;
}

/** A document to be checked: it may hold anything in the place of the resource. */
export interface DocumentDraft {
  document: Mapping;
  /** Where the resource stands in it, such as `suppliers[2]`. */
  path: string;
}

/** The document with this resource in place of the one with the same id, else at the end. */
export function withResource(
  document: IdentifiedDocument | null,
  kind: ResourceKind,
  entry: Mapping,
): DocumentDraft {
  const { name } = LISTS[kind];
  const resources: Mapping[] = [...resourcesOfKind(document, kind)];
  const found = resources.findIndex((resource) => resource.id === entry.id);
  const place = found < 0 ? resources.length : found;
  resources[place] = entry;
  return { document: { version: 1, ...document, [name]: resources }, path: `${name}[${place}]` };
}

/** The document without the resource. */
export function withoutResource(document: IdentifiedDocument, kind: ResourceKind, id: string): Mapping {
  const { name } = LISTS[kind];
  return { ...document, [name]: resourcesOfKind(document, kind).filter((resource) => resource.id !== id) };
}

/** What is wrong with the draft: of the resource itself by paths that begin at the resource, of all else by paths of the document. */
export function problemsWithResource({ document, path }: DocumentDraft): DocumentProblem[] {
  const own = namedPaths(document)(path);
  return problemsIn(document).map((problem) => {
    if (problem.path === own) return { ...problem, path: "" };
    return problem.path.startsWith(`${own}.`)
      ? { ...problem, path: problem.path.slice(own.length + 1) }
      : problem;
  });
}

/** Where a document from which a resource was taken still refers to it, each place with a sentence's end that names who does. */
export function referencesLeftIn(document: Mapping): DocumentProblem[] {
  return problemsIn(document).map(({ path, code }) => ({
    path,
    code,
    message: `is where ${ownerOf(document, path)} refers to it`,
  }));
}

/** `campaign solar` for a path within the resource that has this id. */
function ownerOf(document: Mapping, path: string): string {
  const [, name = "", step = ""] = /^(\w+)\[([^\]]+)\]/.exec(path) ?? [];
  const resources = document[name];
  const resource: unknown = Array.isArray(resources) ? entryAt(resources, step) : undefined;
  const id = isMapping(resource) ? String(resource.id) : "";
  const kind = Object.entries(LISTS).find(([, list]) => list.name === name)?.[0] ?? "the document";
  return `${kind.replace("_", " ")} ${id}`.trim();
}

/** Changes whenever the resource does: a strong entity tag (RFC 9110, section 8.8.3), without its quotes. */
export function tagOf(resource: Mapping): string {
  return new Bun.CryptoHasher("sha256").update(JSON.stringify(resource)).digest("hex").slice(0, 32);
}
