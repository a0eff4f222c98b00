import {
  dataOf,
  errorExample,
  type OperationDescription,
  objectOf,
  type Parameter,
  type Reply,
  schemaNamed,
} from "#api-docs/description.ts";
import type { JsonSchema } from "#http/schema.ts";

const ERROR = schemaNamed("Error");
const count: JsonSchema = { type: "integer", minimum: 0 };
const LIST: Parameter = { name: "list", in: "path", description: "The list's id", example: "global-dnc" };

const QUERY_NOT_VALID: Reply = {
  description: "A setting of the query is not known or not valid.",
  schema: ERROR,
};

function asked(name: string, description: string, schema: JsonSchema = { type: "string" }): Parameter {
  return { name, in: "query", description, schema };
}

function notFound(what: string): Reply {
  return { description: `There is no such ${what}.`, schema: ERROR };
}

const PHONE_EXPECTED = "Phone must be a telephone number (US, or with + and country code)";

/** Who is on suppression lists. */
export const suppressionOperations: Readonly<Record<string, OperationDescription>> = {
  addSuppressionEntries: {
    description: `Puts people on a list, in force for the very next lead. They are kept as keyed hashes.

JSON takes up to 10,000 entries, all or none. \`text/csv\`, also with \`Content-Encoding: gzip\`, is of any length: the first line names
the columns, of \`phone\`, \`email\`, \`phone_md5\`, \`phone_sha256\`, \`email_md5\`, \`email_sha256\`; what is written is in force at once; a bad
cell is told by its line and the rest is taken. To \`Accept: application/x-ndjson\` a long import answers a line each second.

Hashes are hexadecimal, SHA-256 also base64. Leads are hashed in each usual way to be found among them, or in the one that \`recipe\`, or the
end of a column's name (\`phone_md5:last_ten\`), says: \`e164\` +15125550147, \`digits\` 15125550147, \`last_ten\` 5125550147, \`lower\` for
lower-case e-mails, \`gmail\` also without the dots before @gmail.com; \`meta\`, \`google\` and \`drop\` (California) stand for one of each.`,
    caller: "operator",
    parameters: [
      LIST,
      asked(
        "recipe",
        "How hashes were made, when their columns don't say: `last_ten`, `digits,lower`, `drop` …",
      ),
      asked(
        "mode",
        "Of CSV: `replace` takes off the list what is not in the file, at its end, and only if no row was bad. Until then the list holds both.",
        { type: "string", enum: ["add", "replace"], default: "add" },
      ),
      asked("ignore_unknown", "Of CSV: pass over columns of other names", {
        type: "string",
        enum: ["true", "false"],
        default: "false",
      }),
    ],
    body: {
      schema: objectOf({ entries: { type: "array", items: schemaNamed("SuppressionEntry") } }),
      instead: {
        "text/csv": {
          schema: { type: "string" },
          example: "phone,email\n(212) 555-0123,\n,never@example.com\n",
        },
      },
    },
    calls: {
      added: {
        summary: "Two people",
        body: { entries: [{ phone: "(212) 555-0123" }, { email: "never@example.com" }] },
        answer: { status: 200, body: { data: { received: 2, added: 2 } } },
      },
      not_valid: {
        summary: "An entry that is none: nothing is changed",
        body: { entries: [{ phone: "555" }] },
        answer: {
          status: 400,
          body: errorExample("validation_failed", "1 field is not valid; nothing was changed", {
            field_errors: [{ field: "entries[0].phone", code: "invalid_format", message: PHONE_EXPECTED }],
          }),
        },
      },
    },
    replies: {
      200: {
        description:
          "How many entries or rows were received, and how many entries were not on the list before.",
        schema: dataOf(
          objectOf(
            { received: count, added: count },
            {
              already_there: count,
              bad: { ...count, description: "Of CSV: rows with a cell that is no phone, e-mail or hash." },
              bad_lines: {
                type: "array",
                description: "The first thousand; values are not repeated.",
                items: objectOf({
                  line: { type: "integer", minimum: 1 },
                  field: { type: "string" },
                  code: { type: "string" },
                  message: { type: "string" },
                }),
              },
              removed: {
                type: ["integer", "null"],
                description:
                  "Of a replacement: what was taken off; null when a row was bad or there was none.",
              },
            },
          ),
        ),
        examples: {
          csv: {
            summary: "A CSV of three rows",
            value: {
              data: {
                received: 3,
                added: 2,
                already_there: 0,
                bad: 1,
                bad_lines: [{ line: 3, field: "phone", code: "invalid_format", message: PHONE_EXPECTED }],
              },
            },
          },
        },
      },
      404: notFound("suppression list"),
      409: {
        description: "Another replacement of the list began, and this one was left off.",
        schema: ERROR,
      },
    },
  },
  removeSuppressionEntry: {
    description:
      "Takes one person off a list, however the list holds them: a phone or an e-mail takes off its hashes too. With `all=true` and no body, everybody.",
    caller: "operator",
    parameters: [LIST, asked("all", "Empties the list", { type: "string", enum: ["true"] })],
    body: { schema: schemaNamed("SuppressionEntry"), optional: true },
    calls: {
      removed: {
        summary: "A person who is on the list",
        body: { phone: "(512) 555-0102" },
        answer: { status: 204 },
      },
      not_on_it: {
        summary: "A person who is not",
        body: { phone: "(512) 555-0147" },
        answer: { status: 404, body: errorExample("not_found", "This entry is not on the list.") },
      },
    },
    replies: {
      200: { description: "Emptied.", schema: dataOf(objectOf({ removed: count })) },
      204: { description: "Taken off." },
      404: notFound("list or entry"),
    },
  },
  checkSuppression: {
    description:
      "Whether a lead with this phone or e-mail would be found on the list, however the list holds it.",
    caller: "operator",
    parameters: [
      LIST,
      { ...asked("phone", "A telephone number"), example: "+15125550101" },
      asked("email", "An e-mail address"),
    ],
    calls: {
      on_it: { summary: "On the list", answer: { status: 200, body: { data: { suppressed: true } } } },
    },
    replies: {
      200: {
        description: "Whether the person is on it.",
        schema: dataOf(objectOf({ suppressed: { type: "boolean" } })),
      },
      400: QUERY_NOT_VALID,
      404: notFound("suppression list"),
    },
  },
};
