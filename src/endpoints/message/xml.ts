import { isWireList, isWireMapping, type WireMapping, type WireValue, wireText } from "./wire-value.ts";

const ELEMENT_NAME = /^[A-Za-z_][A-Za-z0-9_.-]*$/;

/** Characters that XML 1.0 cannot hold, not even escaped: control characters, halves of surrogate pairs, U+FFFE and U+FFFF. */
const UNWRITABLE = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

/**
 * Whether this can be an element's name as it is. Narrower than XML (https://www.w3.org/TR/xml/#NT-Name): no colon, since there
 * are no namespaces, and ASCII alone, since that is what receivers were tested with.
 */
export function isElementName(name: string): boolean {
  return ELEMENT_NAME.test(name) && name.length <= 100;
}

/**
 * A body as XML 1.0. A list repeats its element; a list within a list is one `item` per entry; null is an empty
 * element. Characters that XML cannot hold are dropped, and those that a name cannot hold become `_`.
 */
export function writeXml(root: string, body: WireMapping): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element(root, body)}`;
}

function element(name: string, value: WireValue): string {
  const tag = elementName(name);
  return `<${tag}>${contentOf(value)}</${tag}>`;
}

function contentOf(value: WireValue): string {
  if (isWireList(value)) return value.map((item) => element("item", item)).join("");
  if (isWireMapping(value)) return Object.entries(value).map(membersOf).join("");
  return escapeXml(wireText(value));
}

function membersOf([name, value]: readonly [string, WireValue]): string {
  return isWireList(value) ? value.map((item) => element(name, item)).join("") : element(name, value);
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
