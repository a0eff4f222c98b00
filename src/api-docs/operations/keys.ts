import {
  dataOf,
  errorExample,
  type OperationDescription,
  objectOf,
  pageOf,
  schemaNamed,
} from "#api-docs/description.ts";
import type { JsonSchema } from "#http/schema.ts";

const ERROR = schemaNamed("Error");
const text: JsonSchema = { type: "string" };
const time: JsonSchema = { type: "string", format: "date-time" };
const NO_KEY = { description: "There is no such key.", schema: ERROR };

const KEY_ID = "key_01k6a1npq7f9gtqf2hs6zkdsn4";
const OPERATOR_KEY_ID = "opkey_01k6a1npq7f9gtqf2hs6zkdsn4";

/** The keys of operators, and how a supplier's key is rotated. */
export const keyOperations: Readonly<Record<string, OperationDescription>> = {
  createOperatorKey: {
    description: `Makes a key for a person or a program. \`read\` may look, \`operate\` may also do the daily work (send again, suppression entries, deposits),
\`admin\` everything. The key of the settings, LEADGATE_ADMIN_KEY, is always valid beside them.`,
    caller: "operator",
    body: {
      schema: objectOf(
        { name: text, role: { type: "string", enum: ["read", "operate", "admin"] } },
        { expires_at: { ...time, type: ["string", "null"] } },
      ),
    },
    calls: {
      made: {
        summary: "A key for a dashboard",
        body: { name: "dashboard", role: "read" },
        answer: {
          status: 201,
          body: {
            data: {
              id: OPERATOR_KEY_ID,
              key: "lg_read_0123456789abcdefghijklmnopqrstuv1Xw2Yz",
              prefix: "lg_read_0123",
            },
          },
        },
      },
      not_valid: {
        summary: "No such role",
        body: { name: "dashboard", role: "owner" },
        answer: {
          status: 400,
          body: errorExample("validation_failed", "1 field is not valid", {
            field_errors: [
              { field: "role", code: "not_allowed", message: "must be one of read, operate, admin" },
            ],
          }),
        },
      },
    },
    replies: {
      201: { description: "The key, shown this once.", schema: dataOf(schemaNamed("CreatedKey")) },
    },
  },
  listOperatorKeys: {
    description: "All keys that operators have or had, without the keys themselves.",
    caller: "operator",
    calls: {
      none: { summary: "None yet", answer: { status: 200, body: { data: [], next_cursor: null } } },
    },
    replies: { 200: { description: "The keys.", schema: pageOf(schemaNamed("OperatorKey")) } },
  },
  revokeOperatorKey: {
    description: "Ends an operator's key at once, on every server.",
    caller: "operator",
    parameters: [{ name: "key", in: "path", description: "The key's id", example: OPERATOR_KEY_ID }],
    calls: {
      no_such_key: {
        summary: "No such key",
        answer: { status: 404, body: errorExample("not_found", "There is no such key.") },
      },
    },
    replies: { 204: { description: "Revoked." }, 404: NO_KEY },
  },
  rotateSupplierKey: {
    description:
      "Makes a new key for a supplier. The one that it replaces stays good for `overlap_seconds`, a day when nothing is said, and ends then.",
    caller: "operator",
    parameters: [
      { name: "supplier", in: "path", description: "The supplier's id", example: "acme-media" },
      { name: "key", in: "path", description: "The id of the key to be replaced", example: KEY_ID },
    ],
    body: {
      optional: true,
      schema: objectOf(
        {},
        { overlap_seconds: { type: "integer", minimum: 0, maximum: 604_800, default: 86_400 } },
      ),
    },
    calls: {
      no_such_key: {
        summary: "No key of this supplier",
        body: { overlap_seconds: 3600 },
        answer: { status: 404, body: errorExample("not_found", "This supplier has no such key.") },
      },
      not_valid: {
        summary: "Longer than a week",
        body: { overlap_seconds: 1_000_000 },
        answer: {
          status: 400,
          body: errorExample("validation_failed", "1 field is not valid", {
            field_errors: [
              {
                field: "overlap_seconds",
                code: "out_of_range",
                message: "must be a whole number from 0 to 604,800",
              },
            ],
          }),
        },
      },
    },
    replies: {
      201: {
        description: "The new key, shown this once, and until when the other one is good.",
        schema: dataOf({
          allOf: [
            schemaNamed("CreatedKey"),
            objectOf({ replaced: objectOf({ id: text, expires_at: time }) }),
          ],
        }),
      },
      404: NO_KEY,
      409: { description: "The key has ended already.", schema: ERROR },
    },
  },
};
