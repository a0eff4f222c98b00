import { sql } from "drizzle-orm";
import type { Queryable } from "#database/database.ts";
import { statement } from "#database/statement.ts";
import type { BrandDefinition } from "./definition.ts";
import type { BrandEntry } from "./document.ts";

/** By what suppliers and buyers know the operator, as the document in force says. */
export async function readBrand(db: Queryable): Promise<BrandDefinition> {
  const [newest] = await selectBrand.run(db, {});
  const { name, logo, color }: BrandEntry = JSON.parse(newest?.brand ?? "{}");
  return { name: name ?? null, logo: logo ?? null, color: color ?? null };
}

const selectBrand = statement<{ brand: string | null }>(
  "select_brand_setting",
  "unspread",
  sql`select (document::json -> 'brand')::text as brand from configurations order by revision desc limit 1`,
);
