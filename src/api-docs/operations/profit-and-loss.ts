import {
  dataOf,
  type OperationDescription,
  objectOf,
  type Parameter,
  schemaNamed,
} from "#api-docs/description.ts";
import type { JsonSchema } from "#http/schema.ts";

const text: JsonSchema = { type: "string" };
const textOrNull: JsonSchema = { type: ["string", "null"] };
const count: JsonSchema = { type: "integer", minimum: 0 };
const money: JsonSchema = { type: "string", pattern: "^-?\\d+(\\.\\d+)?$", description: "Decimal text" };
const time: JsonSchema = { type: "string", format: "date-time" };

function asked(name: string, description: string, schema: JsonSchema = text): Parameter {
  return { name, in: "query", description, schema };
}

const figures = {
  currency: { type: "string", description: "ISO 4217; no two are added up." },
  leads: count,
  accepted: { ...count, description: "Leads that were sold, each once: with its first buyer." },
  sales: { ...count, description: "One for each buyer of a lead." },
  revenue: money,
  payouts: money,
  profit: money,
};

const groups = {
  campaign_id: text,
  supplier_id: text,
  buyer_id: { ...textOrNull, description: "Null: nobody bought." },
  source: textOrNull,
  day: { type: "string", format: "date" },
};

/** What was earned and spent. */
export const pnlOperations: Readonly<Record<string, OperationDescription>> = {
  reportPnl: {
    description: `Leads, what buyers paid for them and what suppliers got, by when they were decided: at most 400 days at once, in rows by what it is grouped by and
by currency. \`format=csv\` and \`ndjson\`, or \`Accept\`, give the rows as a file.`,
    caller: "operator",
    parameters: [
      {
        ...asked("from", "The first day, or a moment such as 2030-01-31T00:00:00Z. Required."),
        example: "2026-01-01",
      },
      {
        ...asked("to", "The last day, or the moment before which it ends; otherwise now"),
        example: "2026-01-31",
      },
      {
        ...asked("group_by", "Any of campaign, supplier, buyer, source and day, with commas between"),
        example: "campaign,day",
      },
      asked("timezone", "In which days are counted, IANA; otherwise UTC"),
      asked("include_test", "Test leads too", { type: "string", enum: ["true", "false"], default: "false" }),
      asked("format", "How it is given", {
        type: "string",
        enum: ["json", "csv", "ndjson"],
        default: "json",
      }),
    ],
    calls: {
      none: {
        summary: "Nothing was sold yet",
        answer: {
          status: 200,
          body: {
            data: {
              from: "2026-01-01T00:00:00.000Z",
              to: "2026-02-01T00:00:00.000Z",
              timezone: "UTC",
              rows: [],
              totals: [],
            },
          },
        },
      },
    },
    replies: {
      200: {
        description: "The rows, and the sum of all for each currency.",
        schema: dataOf(
          objectOf({
            from: time,
            to: time,
            timezone: text,
            rows: { type: "array", items: objectOf(figures, groups) },
            totals: { type: "array", items: objectOf(figures) },
          }),
        ),
        examples: {
          grouped: {
            summary: "By campaign and day",
            value: {
              data: {
                from: "2026-01-01T00:00:00.000Z",
                to: "2026-02-01T00:00:00.000Z",
                timezone: "UTC",
                rows: [
                  {
                    campaign_id: "solar",
                    day: "2026-01-13",
                    currency: "USD",
                    leads: 120,
                    accepted: 96,
                    sales: 96,
                    revenue: "2880.00",
                    payouts: "1728.00",
                    profit: "1152.00",
                  },
                ],
                totals: [
                  {
                    currency: "USD",
                    leads: 120,
                    accepted: 96,
                    sales: 96,
                    revenue: "2880.00",
                    payouts: "1728.00",
                    profit: "1152.00",
                  },
                ],
              },
            },
          },
        },
      },
      400: { description: "A setting of the query is not known or not valid.", schema: schemaNamed("Error") },
    },
  },
};
