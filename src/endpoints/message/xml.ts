import { isWireList, isWireMapping, type WireMapping, type WireValue, wireText } from "./wire-value.ts";

const ELEMENT_NAME = /^[A-Za-z_][A-Za-z0-9_.-]*$/;
/** With the prefix of a namespace, as only a template's own names may have one. */
const PREFIXED_NAME = /^(?:[A-Za-z_][A-Za-z0-9_.-]*:)?[A-Za-z_][A-Za-z0-9_.-]*$/;
/** What stands between the tags of an element that has attributes. */
export const CONTENT = "#text";

/** Characters that XML 1.0 cannot hold, not even escaped: control characters, halves of surrogate pairs, U+FFFE and U+FFFF. */
const UNWRITABLE = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

/**
 * Whether this can be an element's name as it is. Narrower than XML (https://www.w3.org/TR/xml/#NT-Name): no colon, since a lead has no
 * namespaces, and ASCII alone, since that is what receivers were tested with.
 */
function isElementName(name: string): boolean {
  return ELEMENT_NAME.test(name) && name.length <= 100;
}

/** Whether a template may have a member of this name: an element, `@` and an attribute's name, or `#text`; prefixes are allowed. */
export function isXmlMember(name: string): boolean {
  return name === CONTENT || (PREFIXED_NAME.test(name.replace(/^@/, "")) && name.length <= 100);
}

/**
 * A body as XML 1.0. A list repeats its element; a list within a list is one `item` per entry; null is an empty
 * element. Characters that XML cannot hold are dropped, and those that a name cannot hold become `_`. Names of a template
 * may have prefixes, and stand for attributes. `of`: a `lead`, a `template` with a lead's values in it, or a `sample` of a template, which
 * is written as it is to see whether it makes XML.
 */
export function writeXml(root: string, body: WireMapping, of: keyof typeof NAMES): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element(root, body, NAMES[of], BOUND)}`;
}

/** The prefixes that stand for a namespace here, by the element or one around it. */
type Prefixes = ReadonlySet<string>;

const BOUND: Prefixes = new Set(["xml", "xmlns"]);

/** How the names of members are read: those of a lead are never more than names of elements. */
interface NameRules {
  nameOf(name: string, bound: Prefixes): string;
  isAttribute(name: string, value: WireValue, bound: Prefixes): boolean;
}

const LEAD_NAMES: NameRules = { nameOf: elementName, isAttribute: () => false };
/** `plan` sees to it that a template's own prefixes are bound: one that is not is of a lead's value that was put in. */
const TEMPLATE_NAMES: NameRules = {
  nameOf: (name, bound) => (PREFIXED_NAME.test(name) && isBound(name, bound) ? name : elementName(name)),
  isAttribute: (name, value, bound) =>
    name.startsWith("@") && isXmlMember(name) && typeof value !== "object" && isBound(name.slice(1), bound),
};

const SAMPLE_NAMES: NameRules = {
  nameOf: (name) => (PREFIXED_NAME.test(name) ? name : elementName(name)),
  isAttribute: (name, value) => name.startsWith("@") && isXmlMember(name) && typeof value !== "object",
};
const NAMES = { lead: LEAD_NAMES, template: TEMPLATE_NAMES, sample: SAMPLE_NAMES };

function isBound(name: string, bound: Prefixes): boolean {
  const [prefix = "", local] = name.split(":");
  return local === undefined || bound.has(prefix);
}

function prefixesIn(value: WireMapping): string[] {
  return Object.keys(value).flatMap((name) => (name.startsWith("@xmlns:") ? [name.slice(7)] : []));
}

function element(name: string, value: WireValue, names: NameRules, around: Prefixes): string {
  const bound = isWireMapping(value) ? new Set([...around, ...prefixesIn(value)]) : around;
  const tag = names.nameOf(name, bound);
  const attributes = isWireMapping(value)
    ? Object.entries(value).filter(([key, member]) => names.isAttribute(key, member, bound))
    : [];
  const written = attributes.map(([key, member]) => ` ${key.slice(1)}="${escapeXml(wireText(member))}"`);
  return `<${tag}${written.join("")}>${contentOf(value, names, bound)}</${tag}>`;
}

function contentOf(value: WireValue, names: NameRules, bound: Prefixes): string {
  if (isWireList(value)) return value.map((item) => element("item", item, names, bound)).join("");
  if (isWireMapping(value))
    return Object.entries(value)
      .map((member) => membersOf(member, names, bound))
      .join("");
  return escapeXml(wireText(value));
}

function membersOf([name, value]: readonly [string, WireValue], names: NameRules, bound: Prefixes): string {
  if (names.isAttribute(name, value, bound)) return "";
  if (names !== LEAD_NAMES && name === CONTENT) return contentOf(value, names, bound);
  return isWireList(value)
    ? value.map((item) => element(name, item, names, bound)).join("")
    : element(name, value, names, bound);
}

/** A lead may hold names that its campaign does not map, and that were not chosen with XML in mind. */
function elementName(name: string): string {
  if (isElementName(name)) return name;
  const tame = name.replace(/[^A-Za-z0-9_.-]/g, "_").slice(0, 99);
  return isElementName(tame) ? tame : `_${tame}`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
  // A parser would read it as a line's end.
  "\r": "&#13;",
};

/** Text as it stands in XML and in HTML, between tags or in quotes. */
export function escapeXml(text: string): string {
  return text.replace(UNWRITABLE, "").replace(/[&<>"'\r]/g, (character) => ESCAPES[character] ?? character);
}
