import {
  dayIn,
  type FieldKinds,
  type OwnValue,
  type TemplateValues,
  templateValues,
  type VariableNames,
  variableNames,
} from "./variables.ts";

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
  /** Of the campaign, IANA. */
  readonly timezone: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** The values that a ping's template can name, other than the pinged fields. */
const ASK_VALUES: Readonly<Record<string, OwnValue<AskVariables>>> = {
  campaign_id: { kind: "text", of: (ask) => ask.campaignId },
  buyer_id: { kind: "text", of: (ask) => ask.buyerId },
  currency: { kind: "text", of: (ask) => ask.currency },
  is_test: { kind: "boolean", of: (ask) => ask.isTest },
  timestamp: { kind: "datetime", of: (ask) => ask.askedAt },
  now: { kind: "datetime", of: (ask) => ask.askedAt },
  today: { kind: "date", of: (ask) => dayIn(ask.askedAt, ask.timezone) },
  "ping.id": { kind: "text", of: (ask) => ask.pingId },
};

/** What a template's names stand for: one of the ping's own values, else the field, if it was pinged. */
export function valuesOfAsk(ask: AskVariables): TemplateValues {
  return templateValues(ASK_VALUES, ask);
}

/** The names that can stand for anything in a ping. Without the known fields, any field's name may. */
export function askVariableNames(fields: FieldKinds | undefined): VariableNames {
  return variableNames("ping", ASK_VALUES, fields);
}
