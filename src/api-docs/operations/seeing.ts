import {
  errorExample,
  type OperationDescription,
  type Parameter,
  schemaNamed,
} from "#api-docs/description.ts";

/** How leads are exported; it comes to the list's own settings. */
export const EXPORT_SETTINGS: readonly Parameter[] = [
  {
    name: "format",
    in: "query",
    description:
      "`csv` or `ndjson`: all leads of the query as a file, not a page of them. `Accept: text/csv` and `application/x-ndjson` ask for the same.",
    schema: { type: "string", enum: ["csv", "ndjson"] },
  },
  {
    name: "fields",
    in: "query",
    description:
      "Of an export, the fields that are wanted, with commas between: in CSV a column each. Without it all of them, in CSV as JSON in one column.",
    schema: { type: "string" },
  },
];

/** What is looked at while it happens. */
export const seeingOperations: Readonly<Record<string, OperationDescription>> = {
  getMetrics: {
    description: `Prometheus' text format: leads, decisions, lanes, requests, database, outbox, endpoints and the process. With \`LEADGATE_METRICS=open\` it
asks for no key. No label holds anything that was sent; ids of campaigns, suppliers and recipients are labels, each kind up to 500 of them.`,
    caller: "operator",
    replies: {
      200: { description: "The metrics (`text/plain; version=0.0.4`).", schema: { type: "string" } },
    },
  },
  tailLeads: {
    description: `A line of JSON (\`application/x-ndjson\`) for each lead that any server commits, once it is known how it ended: each once, those of a campaign in
the order in which they were decided. The first line is empty: what is decided after it is told. So are lines now and then while there is
nothing to tell. The answer goes on until the caller leaves or the server stops; whoever calls again with \`after\` is told the seconds before that lead
once more.`,
    caller: "operator",
    parameters: [
      { name: "campaign", in: "query", description: "Of this campaign alone", schema: { type: "string" } },
      {
        name: "status",
        in: "query",
        description: "That ended so",
        schema: { type: "string", enum: ["ACCEPTED", "UNMATCHED", "DUPLICATE", "REJECTED"] },
      },
      {
        name: "after",
        in: "query",
        description: "The id of the last lead that was seen",
        schema: { type: "string" },
      },
      {
        name: "fields",
        in: "query",
        description: "With what was understood of the person",
        schema: { type: "boolean", default: false },
      },
    ],
    replies: {
      200: { description: "Leads, a line each.", schema: schemaNamed("LeadSummary") },
      400: { description: "A setting of the query is not known or not valid.", schema: schemaNamed("Error") },
      429: {
        description: "As many follow the leads of this server as may.",
        schema: schemaNamed("Error"),
        examples: {
          followed: {
            summary: "20 follow already",
            value: errorExample(
              "rate_limited",
              "20 follow the leads of this server already, which is as many as may.",
              { retry_after: 10 },
            ),
          },
        },
      },
    },
  },
};
