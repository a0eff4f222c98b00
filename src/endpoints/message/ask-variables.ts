import { fieldValue, isFieldName, type ValueOf, type VariableNames } from "./variables.ts";

/** A ping as a buyer may be told of it: nothing of who sends the lead, and no more of it than was pinged. */
export interface AskVariables {
  readonly pingId: string;
  readonly campaignId: string;
  readonly buyerId: string;
  readonly isTest: boolean;
  /** ISO 4217. */
  readonly currency: string;
  /** RFC 3339. */
  readonly askedAt: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** The values that a ping's template can name, other than the pinged fields. */
const ASK_VALUES: Readonly<Record<string, (ask: AskVariables) => unknown>> = {
  campaign_id: (ask) => ask.campaignId,
  buyer_id: (ask) => ask.buyerId,
  currency: (ask) => ask.currency,
  is_test: (ask) => ask.isTest,
  timestamp: (ask) => ask.askedAt,
  "ping.id": (ask) => ask.pingId,
};

/** Finds what a template's names stand for: one of the ping's own values, else the field, if it was pinged. */
export function valuesOfAsk(ask: AskVariables): ValueOf {
  return (name) => {
    const value = Object.hasOwn(ASK_VALUES, name) ? ASK_VALUES[name] : undefined;
    return value === undefined ? fieldValue(ask.fields, name) : value(ask);
  };
}

/** The names that can stand for anything in a ping. Without the known fields, any field's name may. */
export function askVariableNames(knownFields: ReadonlySet<string> | undefined): VariableNames {
  return {
    of: "ping",
    has: (name) => Object.hasOwn(ASK_VALUES, name) || isFieldName(name, knownFields),
  };
}
