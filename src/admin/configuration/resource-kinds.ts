import { ENDPOINT } from "#admin/endpoints.ts";
import {
  BuyerEntry,
  CampaignEntry,
  ConversionEntry,
  ReportEntry,
  SupplierEntry,
  SuppressionListEntry,
  WebhookEntry,
} from "#campaigns/document.ts";
import { demoDocument } from "#configuration/demo.ts";
import type { ResourceKind } from "#configuration/resource-kind.ts";
import { publicSchema } from "#http/public-schema.ts";
import { type JsonSchema, named, wordOf } from "#http/schema.ts";
import { type ExampleCall, errorExample, exampleCall, missingCall } from "#http/words.ts";

/** One kind of resource of the configuration document: how it is addressed, named and shown. */
export interface ResourceAddress {
  kind: ResourceKind;
  path: string;
  /** The name of the id in addresses: routes below it, of other files, name it so too. */
  parameter: string;
  /** In the ids of its operations and the names of its schemas: `getSupplier`, `listSuppliers`. */
  operation: string;
  /** As sentences say it. */
  noun: string;
  /** As it is sent, and as it is shown. */
  entry: JsonSchema;
  shown: JsonSchema;
  examples: ResourceExamples;
}

/** What the document shows of a kind, by the demo set-up. */
interface ResourceExamples {
  /** All that the demo set-up has. */
  all: readonly { id?: string }[];
  /** The one that is looked at; where there is none of this kind, an id that is not found. */
  id: string;
  created: Readonly<Record<string, unknown>>;
  removed: ExampleCall;
}

export const RESOURCES: readonly ResourceAddress[] = [
  {
    kind: "campaign",
    path: "campaigns",
    parameter: "id",
    operation: "Campaign",
    noun: "campaign",
    ...schemasOf("Campaign", CampaignEntry),
    examples: {
      all: demoDocument.campaigns ?? [],
      id: "auto-accident",
      created: { id: "roofing", name: "Roofing", fields: [{ name: "roof_age", type: "integer" }] },
      removed: exampleCall("One without leads", undefined, 200, {
        data: { id: "auto-accident", action: "deleted" },
        revision: 3,
      }),
    },
  },
  {
    kind: "supplier",
    path: "suppliers",
    parameter: "supplier",
    operation: "Supplier",
    noun: "supplier",
    ...schemasOf("Supplier", SupplierEntry),
    examples: {
      all: demoDocument.suppliers ?? [],
      id: "acme-media",
      created: { id: "northern-leads", name: "Northern Leads", test_mode: true },
      removed: referredTo("supplier", [
        ["campaigns[solar].suppliers[acme-media].supplier", "solar"],
        ["campaigns[auto-accident].suppliers[acme-media].supplier", "auto-accident"],
      ]),
    },
  },
  {
    kind: "buyer",
    path: "buyers",
    parameter: "id",
    operation: "Buyer",
    noun: "buyer",
    ...schemasOf("Buyer", BuyerEntry, {
      endpoint: {
        anyOf: [ENDPOINT, { type: "null" }],
        description: "Of one buyer alone, and no part of the configuration; null: nothing is sent to it.",
      },
    }),
    examples: {
      all: demoDocument.buyers ?? [],
      id: "national-solar",
      created: { id: "desert-sun", name: "Desert Sun", caps: { day: { leads: 50 } } },
      removed: referredTo("buyer", [["campaigns[solar].buyers[national-solar].buyer", "solar"]]),
    },
  },
  {
    kind: "suppression_list",
    path: "suppression-lists",
    parameter: "list",
    operation: "SuppressionList",
    noun: "suppression list",
    ...schemasOf("SuppressionList", SuppressionListEntry),
    examples: {
      all: demoDocument.suppression_lists ?? [],
      id: "global-dnc",
      created: { id: "litigators", name: "Litigators" },
      removed: referredTo("suppression list", [
        ["campaigns[solar].suppression_lists[0]", "solar"],
        ["campaigns[auto-accident].suppression_lists[0]", "auto-accident"],
      ]),
    },
  },
  {
    kind: "webhook",
    path: "webhooks",
    parameter: "id",
    operation: "Webhook",
    noun: "webhook",
    ...schemasOf("Webhook", WebhookEntry),
    examples: {
      all: demoDocument.webhooks ?? [],
      id: "books",
      created: {
        id: "books",
        name: "Bookkeeping",
        url: "https://books.example/in",
        events: ["lead.accepted"],
      },
      removed: missingCall("No such webhook", "There is no such webhook."),
    },
  },
  {
    kind: "conversion",
    path: "conversions",
    parameter: "id",
    operation: "Conversion",
    noun: "conversion",
    ...schemasOf("Conversion", ConversionEntry),
    examples: {
      all: demoDocument.conversions ?? [],
      id: "facebook",
      created: {
        id: "facebook",
        type: "meta",
        dataset_id: "1234567890123456",
        events: { accepted: "Lead", "outcome:sold": "Purchase" },
      },
      removed: missingCall("No such conversion", "There is no such conversion."),
    },
  },
  {
    kind: "report",
    path: "scheduled-reports",
    parameter: "id",
    operation: "ScheduledReport",
    noun: "report",
    ...schemasOf("ScheduledReport", ReportEntry),
    examples: {
      all: demoDocument.reports ?? [],
      id: "morning-pnl",
      created: { id: "morning-pnl", report: "pnl", every: "day", to: ["books@example.com"] },
      removed: missingCall("No such report", "There is no such report."),
    },
  },
];

function referredTo(noun: string, places: readonly [string, string][]): ExampleCall {
  const body = errorExample("conflict", `Other parts refer to this ${noun}: change them first.`, {
    field_errors: places.map(([field, campaign]) => ({
      field,
      code: "not_allowed",
      message: `is where campaign ${campaign} refers to it`,
    })),
  });
  return exampleCall("One that other parts refer to", undefined, 409, body);
}

/** What is shown has its id, and may be archived. */
function schemasOf(
  name: string,
  schema: object,
  more: Readonly<Record<string, JsonSchema>> = {},
): Pick<ResourceAddress, "entry" | "shown"> {
  const entry = publicSchema(schema);
  const { properties, required } = entry as { properties: object; required?: string[] };
  const status = wordOf(["active", "paused", "archived"], "archived: the document leaves it out.");
  return {
    entry: named(`New${name}`, entry),
    shown: named(name, {
      ...entry,
      properties: { ...properties, status, ...more },
      required: ["id", ...(required ?? [])],
    }),
  };
}
