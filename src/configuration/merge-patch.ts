import { isMapping } from "#text/problem.ts";

/**
 * A value changed by a JSON merge patch (RFC 7396): names in the patch replace those of the value, null takes a name away, mappings
 * are merged, and all else, lists too, is replaced whole. Neither argument is changed. `patch` is from `readJson`, and so of a
 * depth that can be walked and without names that tamper with objects.
 */
export function applyMergePatch(value: unknown, patch: unknown): unknown {
  if (!isMapping(patch)) return patch;
  const merged: Record<string, unknown> = isMapping(value) ? { ...value } : {};
  for (const [name, change] of Object.entries(patch)) {
    if (change === null) delete merged[name];
    else merged[name] = applyMergePatch(merged[name], change);
  }
  return merged;
}
