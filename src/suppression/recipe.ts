import { EMAIL_RECIPES, PHONE_RECIPES, type Recipe } from "#fields/usual-hashes.ts";
import {
  SUPPRESSION_COLUMNS,
  type SuppressionColumn,
  type SuppressionKind,
} from "#people/suppression-key.ts";

/** By which recipes the hashes of a list were made, as far as that is known. */
export interface Recipes {
  phone?: (typeof PHONE_RECIPES)[number];
  email?: (typeof EMAIL_RECIPES)[number];
}

/** Recipes by their own names, and by the names of those who ask for hashes: Meta, Google, and California's deletion platform. */
const NAMED: ReadonlyMap<string, Recipes> = new Map<string, Recipes>([
  ...PHONE_RECIPES.map((phone) => [phone, { phone }] as const),
  ...EMAIL_RECIPES.map((email) => [email, { email }] as const),
  ["meta", { phone: "digits", email: "lower" }],
  ["google", { phone: "e164", email: "gmail" }],
  ["drop", { phone: "last_ten", email: "lower" }],
]);

/** For messages: what `recipesNamed` understands. */
export const RECIPE_NAMES: string = [...NAMED.keys()].join(", ");
export const RECIPES_EXPECTED = `one of ${RECIPE_NAMES}, or one for phones and one for e-mails with a comma between`;

/** What `digits`, `drop` or `last_ten,gmail` says; undefined when it is none, or says two things of one field. */
export function recipesNamed(text: string): Recipes | undefined {
  const all: Recipes = {};
  for (const name of text.split(",")) {
    const named = NAMED.get(name.trim());
    if (named === undefined || Object.keys(named).some((field) => field in all)) return undefined;
    Object.assign(all, named);
  }
  return all;
}

/** What a column holds, when hashes were made by these recipes. */
export function kindOf(column: SuppressionColumn, { phone, email }: Recipes): SuppressionKind {
  const tagged = <Column extends string, By extends Recipe>(hashes: Column, recipe: By | undefined) =>
    recipe === undefined ? hashes : (`${hashes}:${recipe}` as const);
  switch (column) {
    case "phone":
    case "email":
      return column;
    case "phone_sha256":
    case "phone_md5":
      return tagged(column, phone);
    case "email_sha256":
    case "email_md5":
      return tagged(column, email);
  }
}

/**
 * The column that a file's first line names: `phone`, `email_sha256`, `phone_md5:last_ten`; undefined when it names none. The recipes
 * `otherwise` hold where it names no recipe.
 */
export function columnNamed(
  head: string,
  otherwise: Recipes,
): { column: SuppressionColumn; kind: SuppressionKind } | undefined {
  const [name, recipe, ...more] = head.split(":");
  const column = SUPPRESSION_COLUMNS.find((each) => each === name);
  if (column === undefined || more.length > 0) return undefined;
  if (recipe === undefined) return { column, kind: kindOf(column, otherwise) };
  const recipes = recipesNamed(recipe);
  const kind = recipes && kindOf(column, recipes);
  return kind === undefined || kind === column ? undefined : { column, kind };
}
