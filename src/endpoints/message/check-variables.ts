import {
  dayIn,
  type FieldKinds,
  type OwnValue,
  type TemplateValues,
  templateValues,
  type VariableNames,
  variableNames,
} from "./variables.ts";

/** A lead as others are told of it who are asked about it. */
export interface CheckVariables {
  readonly leadId: string;
  readonly campaignId: string;
  readonly supplierId: string;
  /** RFC 3339. */
  readonly askedAt: string;
  /** Of the campaign, IANA. */
  readonly timezone: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** The values that a check can name, other than the lead's fields. */
const CHECK_VALUES: Readonly<Record<string, OwnValue<CheckVariables>>> = {
  lead_id: { kind: "text", of: (lead) => lead.leadId },
  campaign_id: { kind: "text", of: (lead) => lead.campaignId },
  supplier_id: { kind: "text", of: (lead) => lead.supplierId },
  now: { kind: "datetime", of: (lead) => lead.askedAt },
  today: { kind: "date", of: (lead) => dayIn(lead.askedAt, lead.timezone) },
};

/** What a check's names stand for: one of the lead's own values, else its field. */
export function valuesOfCheck(lead: CheckVariables): TemplateValues {
  return templateValues(CHECK_VALUES, lead);
}

/** The names that can stand for anything in a check. */
export function checkVariableNames(fields: FieldKinds | undefined): VariableNames {
  return variableNames("lead", CHECK_VALUES, fields);
}
