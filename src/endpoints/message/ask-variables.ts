import { fieldValue, isFieldName, type Names, type ValueOf } from "./variables.ts";

/** What a buyer is told when it is asked for a bid: nothing of who sends the lead, and no more of it than was pinged. */
export interface AskFacts {
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

/** What a ping's template can name beside the pinged fields. */
const ASK_VALUES: Readonly<Record<string, (ask: AskFacts) => unknown>> = {
  campaign_id: (ask) => ask.campaignId,
  buyer_id: (ask) => ask.buyerId,
  currency: (ask) => ask.currency,
  is_test: (ask) => ask.isTest,
  timestamp: (ask) => ask.askedAt,
  "ping.id": (ask) => ask.pingId,
};

/** What the names of a ping's template stand for: one of the ping's own, else the field, if it was pinged. */
export function valuesOfAsk(ask: AskFacts): ValueOf {
  return (name) => {
    const value = Object.hasOwn(ASK_VALUES, name) ? ASK_VALUES[name] : undefined;
    return value === undefined ? fieldValue(ask.fields, name) : value(ask);
  };
}

/** The names that can stand for anything in a ping. Without the known fields, any field's name may. */
export function namesOfAsk(knownFields: ReadonlySet<string> | undefined): Names {
  return {
    of: "ping",
    has: (name) => Object.hasOwn(ASK_VALUES, name) || isFieldName(name, knownFields),
  };
}
