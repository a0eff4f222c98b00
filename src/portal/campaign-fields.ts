import type { Campaign } from "#campaigns/campaign.ts";
import { hashedFields, narrowerTypes } from "#fields/system.ts";
import { type FieldDefinition, titleOf } from "#fields/types/definition.ts";
import { fieldTypes } from "#fields/types.ts";
import { publicSchema } from "#http/public-schema.ts";
import type { JsonSchema } from "#http/schema.ts";
import { HASHED, OF_ITS_PING } from "#intake/supplier-words.ts";
import { exampleOf } from "./example-lead.ts";

/** A field of a campaign as its suppliers are told of it. */
export interface CampaignField {
  name: string;
  title: string;
  type: FieldDefinition["type"];
  required: boolean;
  requiredForPing: boolean;
  /** In sentences: what it must be, and what else is understood. */
  says: string;
  /** The operator's own, or one that would be taken. */
  example: string | number | boolean;
}

/** The system fields, then the campaign's own. */
export function fieldsOf({ mapping, country }: Campaign, now: Date): CampaignField[] {
  return mapping.fields.map((field) => ({
    name: field.name,
    title: titleOf(field),
    type: field.type,
    required: field.required === true,
    requiredForPing: field.required_for_ping === true,
    says: sentencesAbout(field, country),
    example: exampleOf(field, country, now),
  }));
}

function sentencesAbout(field: FieldDefinition, country: string): string {
  const type = narrowerTypes.get(field.name) ?? fieldTypes[field.type];
  const lengths = [
    ...(field.min_length === undefined ? [] : [`At least ${field.min_length} characters.`]),
    ...(field.max_length === undefined ? [] : [`At most ${field.max_length} characters.`]),
  ];
  const translated = Object.entries(field.map ?? {}).map(([said, meant]) => `${said} for ${meant}`);
  return [
    ...(field.description === undefined ? [] : [field.description]),
    `Must be ${type.expects(field, country)}.`,
    ...lengths,
    ...(field.aliases?.length ? [`Also taken under the name ${field.aliases.join(", ")}.`] : []),
    ...(translated.length > 0 ? [`Also understood: ${translated.join(", ")}.`] : []),
  ].join(" ");
}

/** What a body for this campaign satisfies. It shows the usual form of each value; more spellings are understood. */
export function leadSchema(campaign: Campaign, supplierId: string | undefined, now: Date): JsonSchema {
  const { fields, required } = shownFields(campaign, now);
  const isPinged = campaign.mode === "ping_post";
  return bodySchema(
    campaign,
    supplierId,
    { ...(isPinged && OF_ITS_PING), ...fields },
    isPinged ? ["flo_ping_id", ...required] : required,
  );
}

/** What a ping of this campaign satisfies. */
export function pingSchema(campaign: Campaign, supplierId: string | undefined, now: Date): JsonSchema {
  const { fields } = shownFields(campaign, now);
  const needed = fieldsOf(campaign, now)
    .filter((field) => field.requiredForPing)
    .map(({ name }) => namesInPing(name));
  const choices = needed.filter((names) => names.length > 1);
  return {
    ...bodySchema(
      campaign,
      supplierId,
      { ...fields, ...HASHED },
      needed.filter((names) => names.length === 1).flat(),
    ),
    ...(choices.length > 0 && {
      allOf: choices.map((names) => ({ anyOf: names.map((name) => ({ required: [name] })) })),
    }),
  };
}

/** The names of which a ping has one when it says this field: itself, and its hashes. */
export function namesInPing(field: string): string[] {
  return [field, ...hashedFields.filter(({ of }) => of === field).map(({ name }) => name)];
}

/** The campaign's fields, described, and those that a lead must have. */
function shownFields(
  campaign: Campaign,
  now: Date,
): { fields: Record<string, JsonSchema>; required: string[] } {
  const { properties, required = [] } = publicSchema(campaign.mapping.schema) as {
    properties: Record<string, JsonSchema>;
    required?: string[];
  };
  const said = new Map(fieldsOf(campaign, now).map((field) => [field.name, field]));
  const fields = Object.entries(properties).map(([name, schema]) => {
    const field = said.get(name);
    return [name, field === undefined ? schema : describedBy(field, schema)] as const;
  });
  return { fields: Object.fromEntries(fields), required };
}

function bodySchema(
  campaign: Campaign,
  supplierId: string | undefined,
  fields: Readonly<Record<string, JsonSchema>>,
  required: readonly string[],
): JsonSchema {
  return {
    type: "object",
    properties: {
      flo_campaign_id: { const: campaign.id, description: "This campaign" },
      flo_supplier_id: {
        ...(supplierId === undefined ? { type: "string" } : { const: supplierId }),
        description: "The supplier whose key is sent",
      },
      ...fields,
    },
    required: ["flo_campaign_id", "flo_supplier_id", ...required],
    additionalProperties: campaign.unknownFields !== "reject",
    description: UNKNOWN_FIELDS[campaign.unknownFields],
  };
}

const UNKNOWN_FIELDS = {
  keep: "Further fields are kept.",
  drop: "Further fields are ignored.",
  reject: "Further fields are refused.",
};

function describedBy({ type, says, requiredForPing }: CampaignField, schema: JsonSchema): JsonSchema {
  // The stored form of a phone is E.164; suppliers may send it as people write it.
  const { pattern, ...loose } = schema;
  return {
    ...loose,
    ...(pattern !== undefined && type !== "phone" && { pattern }),
    description: says,
    ...(requiredForPing && { "x-required-for-ping": true }),
  };
}
