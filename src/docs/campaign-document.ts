import type { Campaign, SupplierLink } from "#catalog/campaign.ts";
import type { CapPeriod, CapsDefinition } from "#catalog/definition.ts";
import { leadSchema } from "./campaign-fields.ts";
import { errorExample, type OperationDescription } from "./description.ts";
import { components, describedOperation, type OpenApiDocument, operations } from "./document.ts";
import { exampleLead } from "./example-lead.ts";
import type { GeneratedPaths } from "./generated.ts";
import { DRY_RUN_BY_DEFAULT } from "./supplier-operations.ts";

/** A campaign, and the supplier that looks at it; undefined: anybody. Nothing here may tell of buyers, prices or margins. */
export interface Viewed {
  campaign: Campaign;
  supplier: SupplierLink | undefined;
}

/** What a campaign turns leads away for, beside fields that are not valid. `code` is the answer's `error`, `rule` that of a `filter_errors` entry. */
export interface Rejection {
  status: number;
  code: string;
  rule: string | null;
  says: string;
}

const INGEST = "/api/v1/ingest";
const OF_SUPPLIERS = [INGEST, "/api/v1/leads/{id}"];

/** The document of one campaign: its own fields as the body of a lead, its own rejections among the answers. */
export function campaignDocument(
  viewed: Viewed,
  paths: GeneratedPaths,
  version: string,
  now: Date,
): OpenApiDocument {
  const { campaign, supplier } = viewed;
  const described: Record<string, OperationDescription> = {
    ingestLead: ingestInto(viewed, now),
    getLead: withoutExamples("getLead"),
  };
  const common = components();
  return {
    openapi: "3.1.0",
    info: {
      title: campaign.definition.name,
      version: `${version}+${campaign.revision}`,
      summary: `Leads for ${campaign.definition.name}`,
      description: descriptionOf(viewed, now),
    },
    servers: [{ url: "/", description: "The server that this document came from" }],
    tags: [{ name: "Suppliers", description: "Send leads, and ask what became of them." }],
    paths: Object.fromEntries(
      OF_SUPPLIERS.flatMap((path) => {
        const methods = Object.entries(paths[path] ?? {}).flatMap(([method, generated]) => {
          const description = described[generated.operationId];
          return description === undefined
            ? []
            : [[method, describedOperation(generated, description)] as const];
        });
        return methods.length === 0 ? [] : [[path, Object.fromEntries(methods)] as const];
      }),
    ),
    components: {
      ...common,
      schemas: {
        ...onlyUsed(common.schemas ?? {}),
        Lead: leadSchema(campaign, supplier?.supplierId),
      },
    },
  };
}

/** What the operations of suppliers refer to. */
function onlyUsed(schemas: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const used = ["Error", "FieldError", "FilterError", "LeadData", "LeadForSupplier", "DryRunTrace"];
  return Object.fromEntries(Object.entries(schemas).filter(([name]) => used.includes(name)));
}

function ingestInto(viewed: Viewed, now: Date): OperationDescription {
  const { campaign, supplier } = viewed;
  const lead = exampleLead(campaign, supplier?.supplierId, now);
  const { phone: _, ...withoutPhone } = lead;
  const described = withoutExamples("ingestLead");
  return {
    ...described,
    parameters: (described.parameters ?? []).map((each) =>
      each.name === DRY_RUN_BY_DEFAULT.name ? DRY_RUN_BY_DEFAULT : each,
    ),
    calls: {
      lead: {
        summary: "A lead of a person who does not exist",
        body: lead,
        answer: { status: 201 },
      },
      not_valid: {
        summary: "Without a phone",
        body: withoutPhone,
        answer: {
          status: 400,
          body: errorExample("validation_failed", "1 field is not valid", {
            field_errors: [
              { field: "phone", code: "required", message: `${titleOfPhone(campaign)} is required` },
            ],
          }),
        },
      },
    },
  };
}

/** The general examples are of the demo's campaigns and buyers. */
function withoutExamples(operationId: string): OperationDescription {
  const described = operations[operationId];
  if (described === undefined) throw new Error(`${operationId} is not described`);
  const replies = Object.entries(described.replies).map(([status, { examples: _, ...reply }]) => [
    status,
    reply,
  ]);
  return { ...described, replies: Object.fromEntries(replies), calls: {} };
}

function titleOfPhone({ mapping }: Campaign): string {
  return mapping.schema.properties.phone?.title ?? "Phone";
}

function descriptionOf(viewed: Viewed, now: Date): string {
  const rejections = rejectionsOf(viewed, now).map(
    ({ status, code, rule, says }) =>
      `- ${status} \`${code}\`${rule === null ? "" : ` (\`${rule}\`)`}: ${says}`,
  );
  const limits = limitsOf(viewed).map((limit) => `- ${limit}`);
  return [
    "What this campaign asks for, made from its configuration as it is in force now.",
    `**Turned away**\n\n${rejections.join("\n")}`,
    ...(limits.length > 0 ? [`**Limits**\n\n${limits.join("\n")}`] : []),
  ].join("\n\n");
}

/** For what the campaign, and the supplier's own link to it, turn leads away. */
export function rejectionsOf({ campaign, supplier }: Viewed, now: Date): Rejection[] {
  const { definition } = campaign;
  const demands = [
    ["supplier", supplier?.filters?.demands(now) ?? []],
    ["campaign", campaign.filters?.demands(now) ?? []],
  ] as const;
  const { duplicates } = definition;
  return [
    { status: 400, code: "validation_failed", rule: null, says: "A field is missing or not valid." },
    ...demands.flatMap(([by, all]) =>
      all.map(({ rule, message }) => ({
        status: 422,
        code: "filtered",
        rule: `${by}.${rule}`,
        says: `${message.charAt(0).toUpperCase()}${message.slice(1)}.`,
      })),
    ),
    ...(definition.suppressionLists.length > 0
      ? [{ status: 422, code: "suppressed", rule: null, says: "The person asked not to be called." }]
      : []),
    {
      status: duplicates.action === "reject" ? 200 : 201,
      code: duplicates.action === "reject" ? "DUPLICATE" : "ACCEPTED",
      rule: null,
      says: duplicateInWords(duplicates),
    },
  ];
}

function duplicateInWords({ fields, windowDays, action }: Campaign["definition"]["duplicates"]): string {
  const seen = `The same ${fields.join(" or ")} as in a lead of the last ${windowDays} days`;
  return action === "reject"
    ? `${seen}.`
    : `${seen}: it goes to the buyer of that one, with duplicate: true.`;
}

/** What the supplier is limited to; nothing for anybody else. */
export function limitsOf({ supplier, campaign }: Viewed): string[] {
  if (supplier === undefined) return [];
  const { ingest } = supplier.definition.supplier.rateLimits;
  return [
    `${ingest.perSecond} leads a second for ever, ${ingest.burstPerSecond} a second for ${ingest.burstSeconds} seconds.`,
    ...capsInWords(supplier.definition.caps, supplier.timezone, campaign.definition.currency),
    ...(supplier.definition.supplier.testMode ? ["In test mode: leads are not sold, and do not count."] : []),
  ];
}

function capsInWords(caps: CapsDefinition, timezone: string, currency: string): string[] {
  return CAP_PERIODS.flatMap((period) => {
    const { leads, amount } = caps[period] ?? {};
    const when = period === "total" ? "in all" : `${period === "hour" ? "an" : "a"} ${period} (${timezone})`;
    return [
      ...(leads === undefined ? [] : [`At most ${leads} accepted leads ${when}.`]),
      ...(amount === undefined ? [] : [`At most ${amount} ${currency} ${when}.`]),
    ];
  });
}

const CAP_PERIODS: readonly CapPeriod[] = ["hour", "day", "week", "month", "total"];
