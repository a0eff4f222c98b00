import { Kind, type TSchema, type TString, Type, TypeRegistry } from "@sinclair/typebox";
import { invalidType, type ValueRefusal } from "./refusal.ts";

/** Says what is wrong with a stored form, or nothing. */
type Narrowing = (stored: string) => ValueRefusal | undefined;

const NARROWED = "leadgate:Narrowed";
const narrowing = Symbol("narrowing");

// TypeBox's registry is one for the whole process, so the check travels in the schema and the registry holds one entry for good.
TypeRegistry.Set<TSchema>(NARROWED, (schema, value) => refusedBy(schema, value) === undefined);

/** `base` with a check that TypeBox has no keyword for; `keywords` is how it is shown in JSON Schema. */
export function narrowed(base: TString, keywords: Record<string, unknown>, check: Narrowing): TSchema {
  return Type.Intersect([base, Type.Unsafe({ ...keywords, [Kind]: NARROWED, [narrowing]: check })]);
}

/** How a schema's narrowing refuses a value. */
export function refusedBy(schema: TSchema, value: unknown): ValueRefusal | undefined {
  const check = (schema as { [narrowing]?: Narrowing })[narrowing];
  return check === undefined || typeof value !== "string" ? invalidType : check(value);
}
