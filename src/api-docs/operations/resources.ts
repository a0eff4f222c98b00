import {
  type Call,
  errorExample,
  type OperationDescription,
  objectOf,
  type Parameter,
  pageOf,
  schemaNamed,
} from "#api-docs/description.ts";
import { demoDocument } from "#configuration/demo.ts";

const ERROR = schemaNamed("Error");
const revision = { type: "integer", description: "Of the configuration now in force." };

/** One kind of part, with what the examples show of it. */
interface Resource {
  /** In the ids of its operations and the names of its schemas. */
  name: string;
  noun: string;
  parameter: string;
  /** The parts of the demo set-up. */
  parts: readonly { id?: string }[];
  /** Of the demo set-up, where there is one. */
  example: string;
  created: Readonly<Record<string, unknown>>;
  removed: Call;
}

function referredTo(noun: string, places: readonly [string, string][]): Call {
  return {
    summary: "One that other parts refer to",
    answer: {
      status: 409,
      body: errorExample("conflict", `Other parts refer to this ${noun}: change them first.`, {
        field_errors: places.map(([field, campaign]) => ({
          field,
          code: "not_allowed",
          message: `is where campaign ${campaign} refers to it`,
        })),
      }),
    },
  };
}

const RESOURCES: readonly Resource[] = [
  {
    name: "Campaign",
    noun: "campaign",
    parameter: "id",
    parts: demoDocument.campaigns ?? [],
    example: "auto-accident",
    created: { id: "roofing", name: "Roofing", fields: [{ name: "roof_age", type: "integer" }] },
    removed: {
      summary: "One without leads",
      answer: { status: 200, body: { data: { id: "auto-accident", action: "deleted" }, revision: 3 } },
    },
  },
  {
    name: "Supplier",
    noun: "supplier",
    parameter: "supplier",
    parts: demoDocument.suppliers ?? [],
    example: "acme-media",
    created: { id: "northern-leads", name: "Northern Leads", test_mode: true },
    removed: referredTo("supplier", [
      ["campaigns[0].suppliers[0].supplier", "solar"],
      ["campaigns[1].suppliers[0].supplier", "auto-accident"],
    ]),
  },
  {
    name: "Buyer",
    noun: "buyer",
    parameter: "id",
    parts: demoDocument.buyers ?? [],
    example: "national-solar",
    created: { id: "desert-sun", name: "Desert Sun", caps: { day: { leads: 50 } } },
    removed: referredTo("buyer", [["campaigns[0].buyers[2].buyer", "solar"]]),
  },
  {
    name: "SuppressionList",
    noun: "suppression list",
    parameter: "list",
    parts: demoDocument.suppression_lists ?? [],
    example: "global-dnc",
    created: { id: "litigators", name: "Litigators" },
    removed: referredTo("suppression list", [
      ["campaigns[0].suppression_lists[0]", "solar"],
      ["campaigns[1].suppression_lists[0]", "auto-accident"],
    ]),
  },
  {
    name: "Webhook",
    noun: "webhook",
    parameter: "id",
    parts: demoDocument.webhooks ?? [],
    example: "books",
    created: { id: "books", name: "Bookkeeping", url: "https://books.example/in", events: ["lead.accepted"] },
    removed: noSuch("webhook"),
  },
];

function noSuch(noun: string): Call {
  return {
    summary: `No such ${noun}`,
    answer: { status: 404, body: errorExample("not_found", `There is no such ${noun}.`) },
  };
}

const IF_MATCH: Parameter = {
  name: "if-match",
  in: "header",
  description: "The ETag of what the change was made on: 409 when it is another by now.",
};

/** Campaigns, suppliers, buyers, suppression lists and webhooks one by one. */
export const resourceOperations: Readonly<Record<string, OperationDescription>> = Object.assign(
  {},
  ...RESOURCES.map(operationsOf),
);

function operationsOf(resource: Resource): Record<string, OperationDescription> {
  const { name, noun, parameter, parts, example, created, removed } = resource;
  const id: Parameter = { name: parameter, in: "path", description: `The ${noun}'s id`, example };
  const missing = { description: `There is no such ${noun}.`, schema: ERROR };
  const shown = objectOf({ data: schemaNamed(name), revision });
  const sorted = parts.toSorted((one, other) => (String(one.id) < String(other.id) ? -1 : 1));
  const found = parts.find((part) => part.id === example);
  const key = {
    supplier_id: String(created.id),
    id: "key_01k6a1npq7f9gtqf2hs6zkdsn4",
    key: "lg_sup_0123456789abcdefghijklmnopqrstuv1Xw2Yz",
    prefix: "lg_sup_0123",
  };
  const createdKeys = {
    type: "array",
    items: { allOf: [schemaNamed("CreatedKey"), objectOf({ supplier_id: { type: "string" } })] },
  };
  return {
    [`list${name}s`]: {
      description: `The ${noun}s as the configuration document has them, in the order of their ids.`,
      caller: "operator",
      parameters: [
        {
          name: "archived",
          in: "query",
          description: "Those that are archived too",
          schema: { type: "string", enum: ["true", "false"] },
        },
        {
          name: "limit",
          in: "query",
          description: "Entries of a page",
          schema: { type: "integer", minimum: 1, maximum: 200, default: 50 },
        },
        { name: "cursor", in: "query", description: "The next_cursor of an earlier answer" },
      ],
      calls: {
        demo: {
          summary: "Those of the demo set-up",
          answer: { status: 200, body: { data: sorted, next_cursor: null } },
        },
      },
      replies: {
        200: { description: "A page of them.", schema: pageOf(schemaNamed(name)) },
        400: { description: "A setting of the query is not known or not valid.", schema: ERROR },
      },
    },
    [`create${name}`]: {
      description: `Adds a ${noun} to the configuration document, in force for the very next lead. An id is made when none is given.${
        name === "Supplier" ? " The supplier's first key comes with the answer, once." : ""
      }`,
      caller: "operator",
      body: { schema: schemaNamed(`New${name}`) },
      calls: {
        created: {
          summary: `A ${noun}`,
          body: created,
          answer: {
            status: 201,
            body: {
              data: name === "Supplier" ? { ...created, created_keys: [key] } : created,
              revision: 3,
            },
          },
        },
        not_valid: {
          summary: "A mistake: each is named by its path",
          body: { name: "" },
          answer: {
            status: 400,
            body: errorExample(
              "validation_failed",
              name === "Webhook" ? "3 fields are not valid" : "1 field is not valid",
              {
                field_errors: [
                  { field: "name", code: "too_short", message: "must be a text of 1 to 200 characters" },
                  ...(name === "Webhook"
                    ? ["url", "events"].map((field) => ({ field, code: "required", message: "is required" }))
                    : []),
                ],
              },
            ),
          },
        },
      },
      replies: {
        201: {
          description: "In force.",
          schema:
            name === "Supplier"
              ? objectOf({
                  data: {
                    ...objectOf({ id: { type: "string" }, created_keys: createdKeys }),
                    additionalProperties: true,
                  },
                  revision,
                })
              : shown,
          headers: ["etag"],
        },
        409: { description: `Another ${noun} has this id.`, schema: ERROR },
      },
    },
    [`get${name}`]: {
      description: `One ${noun} as it was written, with its ETag. One that is archived has the status \`archived\`.`,
      caller: "operator",
      parameters: [id],
      calls:
        found === undefined
          ? { missing: noSuch(noun) }
          : { found: { summary: "One", answer: { status: 200, body: { data: found, revision: 1 } } } },
      replies: { 200: { description: `The ${noun}.`, schema: shown, headers: ["etag"] }, 404: missing },
    },
    [`change${name}`]: {
      description: `Changes a ${noun} by a JSON merge patch (RFC 7396): what the patch names is replaced, null takes it back to its default, lists are
replaced whole. In force for the very next lead. A status of \`active\` brings an archived one back.`,
      caller: "operator",
      parameters: [id, IF_MATCH],
      body: {
        schema: { type: "object", additionalProperties: true },
        mediaTypes: ["application/json", "application/merge-patch+json"],
      },
      calls:
        found === undefined
          ? { missing: { ...noSuch(noun), body: { name: "Renamed" } } }
          : {
              renamed: {
                summary: "Another name",
                body: { name: "Renamed" },
                answer: { status: 200, body: { data: { ...found, name: "Renamed" }, revision: 3 } },
              },
            },
      replies: {
        200: { description: "In force.", schema: shown, headers: ["etag"] },
        404: missing,
        409: { description: "It has changed since, or is archived.", schema: ERROR },
      },
    },
    [`remove${name}`]: {
      description: `Takes a ${noun} out of the configuration: it is archived when there are leads, entries, deliveries or money of it on record, else
deleted. While other parts refer to it, it stays, and the answer names each place.`,
      caller: "operator",
      parameters: [id, IF_MATCH],
      calls: { removed },
      replies: {
        200: {
          description: "What became of it.",
          schema: objectOf({
            data: objectOf({
              id: { type: "string" },
              action: { type: "string", enum: ["archived", "deleted"] },
            }),
            revision,
          }),
        },
        404: missing,
        409: { description: "It has changed since, or other parts refer to it.", schema: ERROR },
      },
    },
  };
}
