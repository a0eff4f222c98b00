import { type JsonValue, query } from "jsonpath-rfc9535";
import parse from "jsonpath-rfc9535/parser";

const MAX_LENGTH = 200;

/** Finds what a path leads to in a parsed JSON document, nested at most 100 deep. Never throws. */
export type JsonPath = (document: unknown) => readonly unknown[];

/**
 * A JSONPath of RFC 9535, without what would let a small answer cost long work: at most one `..` and one filter, one selector
 * in each pair of brackets, no `$` within a filter, no `match` or `search` (they run on a backtracking engine). So the
 * work is at most the size of the document times its depth, and times the terms of the filter. Throws a RangeError whose message ends
 * a sentence: "must be …".
 */
export function compileJsonPath(source: string): JsonPath {
  if (source.length > MAX_LENGTH) throw new RangeError(`must be a path of at most ${MAX_LENGTH} characters`);
  const tree = parsePath(source);
  const counted = countParts(tree);
  if (counted.descents > 1 || counted.filters > 1)
    throw new RangeError("must have at most one .. and one filter");
  if (counted.unions > 0) throw new RangeError("must have one selector in each pair of brackets");
  if (counted.roots > 1) throw new RangeError("must not use $ within a filter");
  if (counted.patterns > 0)
    throw new RangeError("must not use match or search; matches is there for patterns");
  const steps = stepsOf(tree);
  if (steps !== undefined) return (document) => walk(document, steps);
  return (document) => {
    try {
      return query(document as JsonValue, source);
    } catch {
      return [];
    }
  };
}

/** A member's name, or a place in a list, from behind where it is below zero. */
type Step = string | number;

/** What a path such as `$.results[0].type` goes through; undefined for one that may lead to several places. */
function stepsOf(tree: unknown): readonly Step[] | undefined {
  const { segments } = tree as { segments: readonly { type: string; node: PathNode }[] };
  const steps = segments.map(({ type, node }) => (type === "ChildSegment" ? stepOf(node) : undefined));
  return steps.every((step) => step !== undefined) ? steps : undefined;
}

interface PathNode {
  type: string;
  value?: Step;
  selectors?: readonly PathNode[];
}

function stepOf({ type, value, selectors: [only] = [] }: PathNode): Step | undefined {
  if (type === "MemberNameShorthand") return value;
  return only?.type === "NameSelector" || only?.type === "IndexSelector" ? only.value : undefined;
}

/** The library reads a path anew for each document, which was a third of what asking about a lead cost beside sending. */
function walk(document: unknown, steps: readonly Step[]): readonly unknown[] {
  let found = document;
  for (const step of steps) {
    if (typeof found !== "object" || found === null) return [];
    if (Array.isArray(found) !== (typeof step === "number")) return [];
    const key = Array.isArray(found) && Number(step) < 0 ? found.length + Number(step) : step;
    if (!Object.hasOwn(found, key)) return [];
    found = (found as Record<Step, unknown>)[key];
  }
  return [found];
}

/** What is wrong with a path that is configured anew, as the end of a sentence; undefined: nothing. */
export function jsonPathProblem(source: string): string | undefined {
  try {
    compileJsonPath(source);
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
  return comparedNodesProblem(source);
}

/**
 * Why a path should not be configured anew, as the end of a sentence, although it can be read by: it compares what it finds with what it
 * finds, which walks both, where a value of the operator's ends it at once.
 */
function comparedNodesProblem(source: string): string | undefined {
  if (countParts(parsePath(source)).comparedNodes === 0) return undefined;
  return "must compare what it finds with a text, number, true, false or null, not with something else that it finds";
}

function parsePath(source: string): unknown {
  try {
    return parse(source);
  } catch (error) {
    throw new RangeError("must be a JSONPath of RFC 9535, such as $.status", { cause: error });
  }
}

interface PartCounts {
  descents: number;
  filters: number;
  unions: number;
  roots: number;
  patterns: number;
  comparedNodes: number;
}

function countParts(tree: unknown): PartCounts {
  const counted: PartCounts = { descents: 0, filters: 0, unions: 0, roots: 0, patterns: 0, comparedNodes: 0 };
  function visit(part: unknown): void {
    if (typeof part !== "object" || part === null) return;
    const { type, selectors, name } = part as { type?: unknown; selectors?: unknown; name?: unknown };
    if (type === "DescendantSegment") counted.descents += 1;
    if (type === "FilterSelector") counted.filters += 1;
    if (type === "JsonPathQuery" || type === "AbsSingularQuery") counted.roots += 1;
    if (type === "BracketedSelection" && Array.isArray(selectors) && selectors.length > 1)
      counted.unions += 1;
    if (type === "FunctionExpr" && (name === "match" || name === "search")) counted.patterns += 1;
    if (type === "ComparisonExpr" && comparesNodes(part)) counted.comparedNodes += 1;
    for (const child of Object.values(part)) visit(child);
  }
  visit(tree);
  return counted;
}

/** Numbers, as of `length` and `count`, are compared in one step. */
function comparesNodes(comparison: object): boolean {
  const { left, right } = comparison as Record<"left" | "right", { type?: unknown; name?: unknown }>;
  return [left, right].every(
    (side) => side.type === "RelSingularQuery" || (side.type === "FunctionExpr" && side.name === "value"),
  );
}
