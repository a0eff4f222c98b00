import { typeid } from "typeid-js";
import type { ConfigurationDocument } from "#campaigns/document.ts";
import { isMapping, type Mapping } from "#text/problem.ts";
import type { IdentifiedDocument } from "./identify.ts";
import type { PartKind } from "./plan.ts";
import { problemsIn } from "./problems.ts";
import type { DocumentProblem } from "./schema-problems.ts";

/** One supplier, buyer, campaign, suppression list or webhook of the document, as the operator wrote it and with its id. */
export type Part = Mapping & { readonly id: string };

/** Under which name the document lists the parts of a kind, and how an id of theirs begins that was made for them. */
const LISTS = {
  suppression_list: { name: "suppression_lists", prefix: "list" },
  supplier: { name: "suppliers", prefix: "supplier" },
  buyer: { name: "buyers", prefix: "buyer" },
  campaign: { name: "campaigns", prefix: "campaign" },
  webhook: { name: "webhooks", prefix: "webhook" },
} as const satisfies Record<PartKind, { name: keyof ConfigurationDocument; prefix: string }>;

/** The parts of a kind, in the document's order. */
export function partsOfKind(document: IdentifiedDocument | null, kind: PartKind): readonly Part[] {
  return document?.[LISTS[kind].name] ?? [];
}

/** The part with an id that was made for it, unless it has one; the id may be any value. */
export function withId(kind: PartKind, entry: Mapping): Mapping {
  return entry.id === undefined ? { id: typeid(LISTS[kind].prefix).toString(), ...entry } : entry;
}

/** A document to be checked: it may hold anything in the place of the part. */
export interface Draft {
  document: Mapping;
  /** Where the part stands in it, such as `suppliers[2]`. */
  path: string;
}

/** The document with this part in place of the one with the same id, else at the end. */
export function withPart(document: IdentifiedDocument | null, kind: PartKind, entry: Mapping): Draft {
  const { name } = LISTS[kind];
  const parts: Mapping[] = [...partsOfKind(document, kind)];
  const found = parts.findIndex((part) => part.id === entry.id);
  const place = found < 0 ? parts.length : found;
  parts[place] = entry;
  return { document: { version: 1, ...document, [name]: parts }, path: `${name}[${place}]` };
}

/** The document without the part. */
export function withoutPart(document: IdentifiedDocument, kind: PartKind, id: string): Mapping {
  const { name } = LISTS[kind];
  return { ...document, [name]: partsOfKind(document, kind).filter((part) => part.id !== id) };
}

/** What is wrong with the draft: of the part itself by paths that begin at the part, of all else by paths of the document. */
export function problemsWithPart({ document, path }: Draft): DocumentProblem[] {
  return problemsIn(document).map((problem) => {
    if (problem.path === path) return { ...problem, path: "" };
    return problem.path.startsWith(`${path}.`)
      ? { ...problem, path: problem.path.slice(path.length + 1) }
      : problem;
  });
}

/** Where a document from which a part was taken still refers to it, each place with a sentence's end that names who does. */
export function referencesLeftIn(document: Mapping): DocumentProblem[] {
  return problemsIn(document).map(({ path, code }) => ({
    path,
    code,
    message: `is where ${ownerOf(document, path)} refers to it`,
  }));
}

/** `campaign solar` for a path within the part that has this id. */
function ownerOf(document: Mapping, path: string): string {
  const [, name = "", place = ""] = /^(\w+)\[(\d+)\]/.exec(path) ?? [];
  const parts = document[name];
  const part: unknown = Array.isArray(parts) ? parts[Number(place)] : undefined;
  const id = isMapping(part) ? String(part.id) : "";
  const kind = Object.entries(LISTS).find(([, list]) => list.name === name)?.[0] ?? "the document";
  return `${kind.replace("_", " ")} ${id}`.trim();
}

/** Changes whenever the part does: a strong entity tag (RFC 9110, section 8.8.3), without its quotes. */
export function tagOf(part: Mapping): string {
  return new Bun.CryptoHasher("sha256").update(JSON.stringify(part)).digest("hex").slice(0, 32);
}
