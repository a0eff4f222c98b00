import { type Attr, DOMParser, type Document, type Element, Node } from "@xmldom/xmldom";

/**
 * The part of XPath 1.0 that names a place in an answer: absolute paths of child and `//` steps, `*`, `@name` and `text()`, with
 * the predicates `[2]`, `[last()]`, `[name]`, `[@name]`, `[.='…']`, `[name='…']`, `[@name='…']` and `[local-name()='…']`.
 * Unlike XPath, a name matches its element in any namespace and with any prefix, since answers wrap the same names in whatever
 * envelope their sender uses.
 *
 * Why not a whole engine: the `xpath` package sorts what it finds in quadratic time with a large factor. `/r/a` on 4,000
 * empty elements (16 KiB, which any buyer can send) took 9 s of the only thread there is; this takes 10 ms.
 */
export type XPath = (document: Document) => readonly string[];

const MAX_LENGTH = 200;
/** The text of each of 2,300 elements in one another took 400 ms to put together. */
const MAX_DEPTH = 100;

interface Step {
  /** After `//`: the children of everything below, instead of the children alone. */
  readonly anywhere: boolean;
  readonly target:
    | { readonly kind: "element" | "attribute"; readonly name: string }
    | { readonly kind: "text" };
  readonly predicates: readonly Predicate[];
}

type Predicate =
  | { readonly kind: "position"; readonly position: number }
  | { readonly kind: "last" }
  | { readonly kind: "value"; readonly of: Operand; readonly equals: string | undefined };
type Operand =
  | { readonly kind: "self" | "local_name" }
  | { readonly kind: "child" | "attribute"; readonly name: string };

/**
 * The document that a text is; undefined when it is no XML, or nested more than 100 deep. Entities other than XML's own five make it
 * none, and so does a document type: 16 KiB of one took 90 ms to read, and no buyer answers with one. Nothing is fetched.
 */
export function parseXml(text: string): Document | undefined {
  if (/<!doctype/i.test(text)) return undefined;
  try {
    // It throws instead of guessing.
    const onError = (level: string) => {
      if (level !== "warning") throw new SyntaxError("not well-formed");
    };
    const parser = new DOMParser({ locator: false, onError });
    const document = parser.parseFromString(text.replace(/^\ufeff?\s*/, ""), "text/xml");
    return depthOf(document) > MAX_DEPTH ? undefined : document;
  } catch {
    return undefined;
  }
}

function depthOf(document: Document): number {
  let depth = 0;
  for (let level: Node[] = [document]; level.length > 0 && depth <= MAX_DEPTH; depth += 1) {
    level = level.flatMap(childrenOf);
  }
  return depth;
}

/**
 * The texts that a path finds, in the document's order. Throws a RangeError whose message ends a sentence: "must be …".
 */
export function compileXPath(source: string): XPath {
  if (source.length > MAX_LENGTH) throw new RangeError(`must be a path of at most ${MAX_LENGTH} characters`);
  const steps = stepsOf(source);
  return (document) => {
    let found: Node[] = [document];
    for (const step of steps) found = afterStep(found, step);
    return inDocumentOrder(found, document).map(nodeText);
  };
}

const NAME = String.raw`(?:[\p{L}_][\p{L}\p{N}_.-]*:)?(?:\*|[\p{L}_][\p{L}\p{N}_.-]*)`;
const STEP = new RegExp(
  String.raw`(//?)(?:text\(\)|(@?)(${NAME}))((?:\[(?:"[^"]*"|'[^']*'|[^\]"'])*\])*)`,
  "uy",
);
const PREDICATE = /\[((?:"[^"]*"|'[^']*'|[^\]"'])*)\]/g;
const OPERAND = new RegExp(
  String.raw`^\s*(?:(\.|text\(\)|local-name\(\))|(@?)(${NAME}))\s*(?:=\s*(?:"([^"]*)"|'([^']*)')\s*)?$`,
  "u",
);
const EXPECTED = "must be a path such as /response/status, //lead[1]/@id or //*[local-name()='status']";

function stepsOf(source: string): Step[] {
  const steps: Step[] = [];
  const text = source.trim();
  STEP.lastIndex = 0;
  let end = 0;
  while (end < text.length) {
    const match = STEP.exec(text);
    if (match === null) throw new RangeError(EXPECTED);
    const [, slashes, at, name, predicates = ""] = match;
    end = STEP.lastIndex;
    const target =
      name === undefined
        ? ({ kind: "text" } as const)
        : ({ kind: at === "@" ? "attribute" : "element", name: localName(name) } as const);
    if (target.kind !== "element" && end < text.length) throw new RangeError(EXPECTED);
    steps.push({
      anywhere: slashes === "//",
      target,
      predicates: [...predicates.matchAll(PREDICATE)].map(([, inner = ""]) => predicateOf(inner)),
    });
  }
  if (steps.length === 0) throw new RangeError(EXPECTED);
  return steps;
}

function predicateOf(text: string): Predicate {
  const trimmed = text.trim();
  if (/^[1-9]\d{0,5}$/.test(trimmed)) return { kind: "position", position: Number(trimmed) };
  if (/^last\(\)$/.test(trimmed)) return { kind: "last" };
  const match = OPERAND.exec(text);
  if (match === null) throw new RangeError(EXPECTED);
  const [, self, at, name = "", double, single] = match;
  const equals = double ?? single;
  if (self === "local-name()" && equals === undefined) throw new RangeError(EXPECTED);
  return { kind: "value", of: operandOf(self, at, name), equals };
}

function operandOf(self: string | undefined, at: string | undefined, name: string): Operand {
  if (self === "local-name()") return { kind: "local_name" };
  if (self === ".") return { kind: "self" };
  if (self === "text()") return { kind: "child", name: "#text" };
  return { kind: at === "@" ? "attribute" : "child", name: localName(name) };
}

function localName(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}

function afterStep(contexts: readonly Node[], step: Step): Node[] {
  const from = step.anywhere ? withAllBelow(contexts) : contexts;
  return from.flatMap((context) => {
    let chosen = candidates(context, step.target);
    for (const predicate of step.predicates) chosen = satisfying(chosen, predicate);
    return chosen;
  });
}

function candidates(context: Node, target: Step["target"]): Node[] {
  switch (target.kind) {
    case "element":
      return childrenOf(context).filter((child) => isElement(child) && isNamed(child, target.name));
    case "attribute":
      return attributesOf(context).filter((attribute) => isNamed(attribute, target.name));
    case "text":
      return childrenOf(context).filter(isText);
  }
}

function satisfying(nodes: readonly Node[], predicate: Predicate): Node[] {
  switch (predicate.kind) {
    case "position":
      return nodes.slice(predicate.position - 1, predicate.position);
    case "last":
      return nodes.slice(-1);
    case "value": {
      const { of, equals } = predicate;
      return nodes.filter((node) => {
        const values = operandNodes(node, of);
        if (equals === undefined) return values.length > 0;
        if (of.kind === "local_name") return localNameOf(node) === equals;
        return values.some((value) => nodeText(value) === equals);
      });
    }
  }
}

function operandNodes(node: Node, operand: Operand): Node[] {
  switch (operand.kind) {
    case "self":
    case "local_name":
      return [node];
    case "child":
      if (operand.name === "#text") return childrenOf(node).filter(isText);
      return candidates(node, { kind: "element", name: operand.name });
    case "attribute":
      return candidates(node, { kind: "attribute", name: operand.name });
  }
}

/** Each node once, though one context may lie within another. */
function withAllBelow(contexts: readonly Node[]): Node[] {
  const seen = new Set<Node>();
  for (const context of contexts) {
    const waiting = [context];
    for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
      if (seen.has(node)) continue;
      seen.add(node);
      waiting.push(...childrenOf(node).toReversed());
    }
  }
  return [...seen];
}

/** Contexts within one another give their children in another order than the document's. */
function inDocumentOrder(nodes: readonly Node[], document: Document): Node[] {
  if (nodes.length < 2) return [...nodes];
  const place = new Map<Node, number>();
  for (const node of withAllBelow([document])) {
    place.set(node, place.size);
    for (const attribute of attributesOf(node)) place.set(attribute, place.size);
  }
  return nodes.toSorted((one, other) => (place.get(one) ?? 0) - (place.get(other) ?? 0));
}

/** XPath's string-value: all the text within. */
function nodeText(node: Node): string {
  if (isAttribute(node) || isText(node)) return node.nodeValue ?? "";
  return withAllBelow([node])
    .filter(isText)
    .map((text) => text.nodeValue ?? "")
    .join("");
}

/** By sibling, because xmldom's lists of nodes look for their place from the start each time. */
function childrenOf(node: Node): Node[] {
  const children: Node[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) children.push(child);
  return children;
}

function attributesOf(node: Node): Attr[] {
  if (!isElement(node)) return [];
  return Array.from({ length: node.attributes.length }, (_, index) => node.attributes.item(index))
    .filter((attribute) => attribute !== null)
    .filter(({ name }) => name !== "xmlns" && !name.startsWith("xmlns:"));
}

function isNamed(node: Node, name: string): boolean {
  return name === "*" || localNameOf(node) === name;
}

function localNameOf(node: Node): string {
  return localName(node.nodeName);
}

function isElement(node: Node): node is Element {
  return node.nodeType === Node.ELEMENT_NODE;
}

function isAttribute(node: Node): node is Attr {
  return node.nodeType === Node.ATTRIBUTE_NODE;
}

function isText(node: Node): boolean {
  return node.nodeType === Node.TEXT_NODE || node.nodeType === Node.CDATA_SECTION_NODE;
}
