import { isWireList, isWireMapping, type WireMapping, type WireValue, wireText } from "./wire-value.ts";

/**
 * A body as `application/x-www-form-urlencoded`: a nested name is `outer[inner]`, a list of plain values repeats its name, and
 * what is nested in a list stands under its place, `outer[0][inner]`. Null is an empty value; an empty list is nothing.
 */
export function writeForm(body: WireMapping): string {
  const pairs = Object.entries(body).flatMap(([name, value]) => pairsOf(name, value));
  return new URLSearchParams(pairs).toString();
}

function pairsOf(name: string, value: WireValue): [string, string][] {
  if (isWireList(value)) {
    return value.flatMap((item, index) => {
      const nested = isWireList(item) || isWireMapping(item);
      return pairsOf(nested ? `${name}[${index}]` : name, item);
    });
  }
  if (isWireMapping(value)) {
    return Object.entries(value).flatMap(([inner, member]) => pairsOf(`${name}[${inner}]`, member));
  }
  return [[name, wireText(value)]];
}
