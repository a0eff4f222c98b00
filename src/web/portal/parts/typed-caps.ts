import { readTyped, typedOf } from "#web/forms/setting.ts";
import type { PortalShapes } from "#web/portal/api/client.ts";

type Caps = PortalShapes["OwnBuyer"]["caps"];

export const CAP_PERIODS = ["hour", "day", "week", "month", "total"] as const;

/** Caps as they stand in fields, while they are being changed. */
export type TypedCaps = Record<(typeof CAP_PERIODS)[number], { leads: string; amount: string }>;

export function typedCapsOf(caps: Caps): TypedCaps {
  return Object.fromEntries(
    CAP_PERIODS.map((period) => [
      period,
      { leads: typedOf(caps[period]?.leads), amount: typedOf(caps[period]?.amount) },
    ]),
  ) as TypedCaps;
}

/** What cannot be read stays as it was typed: the server says what is wrong with it. */
export function capsOf(typed: TypedCaps): Caps {
  return Object.fromEntries(
    CAP_PERIODS.flatMap((period) => {
      const leads = readTyped({ kind: "count" }, typed[period].leads);
      const amount = readTyped({ kind: "amount" }, typed[period].amount);
      if (leads === undefined && amount === undefined) return [];
      return [[period, { ...(leads !== undefined && { leads }), ...(amount !== undefined && { amount }) }]];
    }),
  );
}
