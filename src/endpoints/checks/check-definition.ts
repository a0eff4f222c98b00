import { type Static, type TSchema, Type } from "@sinclair/typebox";
import type { ResponseRule } from "#endpoints/answers/response-rules.ts";
import type { StoredText } from "#endpoints/credentials/stored-text.ts";
import { HttpMethods, responseRules, TargetDefinition } from "#endpoints/delivery-definition.ts";
import type { Template } from "#endpoints/message/template.ts";
import { checkedElsewhere, oneOf, strict } from "#text/typebox.ts";

/**
 * How somebody else is asked about a lead before it is offered to buyers, as operators write it; about which leads stands in the document.
 * `checkProblems` says what this schema cannot.
 */
export const CheckDefinition = strict({
  id: Type.String({
    pattern: "^[a-z][a-z0-9_]{0,31}$",
    mustBe: "1 to 32 lower-case letters, digits or _, beginning with a letter",
  }),
  ...TargetDefinition,
  method: Type.Optional(HttpMethods),
  template: Type.Optional(checkedElsewhere<Template>(Type.Record(Type.String(), Type.Unknown()))),
  timeout_ms: Type.Optional(Type.Integer({ minimum: 50, maximum: 10_000 })),
  response_rules: Type.Optional(checkedElsewhere<ResponseRule[]>(responseRules())),
  values: Type.Optional(
    checkedElsewhere<Record<string, string>>(Type.Record(Type.String(), Type.String() as TSchema)),
  ),
  on_error: Type.Optional(oneOf(["pass", "reject", "hold"])),
  per_day: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000_000 })),
  cache_days: Type.Optional(Type.Integer({ minimum: 1, maximum: 365 })),
});
export type CheckDefinition = Static<typeof CheckDefinition>;

/** A check with every setting written out. */
export interface CompleteCheck {
  id: string;
  url: StoredText;
  method: NonNullable<CheckDefinition["method"]>;
  headers: Readonly<Record<string, StoredText>>;
  /** As JSON text: jsonb forgets the order of names. Null: an empty body, of a GET none. */
  template: string | null;
  timeout_ms: number;
  response_rules: readonly ResponseRule[];
  values: Readonly<Record<string, string>>;
  on_error: "pass" | "reject" | "hold";
  /** Null: as often as there are leads. */
  per_day: number | null;
  /** Null: nothing is remembered. */
  cache_days: number | null;
}
