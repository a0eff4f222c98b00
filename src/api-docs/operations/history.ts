import {
  dataOf,
  errorExample,
  type OperationDescription,
  objectOf,
  type Parameter,
  pageOf,
  schemaNamed,
} from "#api-docs/description.ts";

const ERROR = schemaNamed("Error");

const SINCE_UNTIL = (["since", "until"] as const).map(
  (name): Parameter => ({
    name,
    in: "query",
    description: name === "since" ? "Made at or after" : "Made before",
    schema: { type: "string", format: "date-time" },
  }),
);

/** Who changed what, and how it is taken back. */
export const historyOperations: Readonly<Record<string, OperationDescription>> = {
  listHistory: {
    description: `What operators changed, newest first: the configuration, and keys, secrets, deposits and suppression entries beside it. All settings of parts
that were created or removed are with the single revision.`,
    caller: "operator",
    parameters: [
      ...["campaign", "supplier", "buyer", "list", "webhook", "operator_key"].map(
        (name): Parameter => ({ name, in: "query", description: "Only changes of the one with this id" }),
      ),
      ...SINCE_UNTIL,
      {
        name: "limit",
        in: "query",
        description: "Entries of a page",
        schema: { type: "integer", minimum: 1, maximum: 200, default: 50 },
        example: 1,
      },
      { name: "cursor", in: "query", description: "The next_cursor of an earlier answer" },
    ],
    calls: {
      newest: {
        summary: "The last change of the demo set-up",
        answer: {
          status: 200,
          body: {
            data: [
              {
                id: "change_01k6a1npq7f9gtqf2hs6zkdsn4",
                revision: 2,
                at: "2026-01-13T17:00:00.000Z",
                by: "master key",
                via: "operation",
                restored_revision: null,
                changes: [
                  {
                    kind: "suppression_list",
                    id: "global-dnc",
                    name: null,
                    action: "entries_added",
                    differences: [{ path: "entries.added", to: 4 }],
                    summary: "suppression list global-dnc entries added\n  entries.added: (absent) → 4",
                  },
                ],
              },
            ],
            next_cursor: "change_01k6a1npq7f9gtqf2hs6zkdsn4",
          },
        },
      },
    },
    replies: {
      200: { description: "A page of them.", schema: pageOf(schemaNamed("HistoryEntry")) },
      400: { description: "A setting of the query is not known or not valid.", schema: ERROR },
    },
  },
  getRevision: {
    description:
      "One revision, as leads name it: what it changed, setting by setting, and the configuration then in force.",
    caller: "operator",
    parameters: [{ name: "revision", in: "path", description: "The revision", example: 1 }],
    replies: {
      200: { description: "The revision.", schema: dataOf(schemaNamed("Revision")) },
      404: { description: "There was no configuration at this revision.", schema: ERROR },
    },
  },
  rollBackConfiguration: {
    description: `Puts the configuration that was in force at a revision in force again, to the byte, as a new revision. Keys, secrets, counters and suppression
entries are no part of it and stay as they are; a supplier that was deleted since comes back with a new first key.`,
    caller: "operator",
    parameters: [
      {
        name: "if-match",
        in: "header",
        description: 'The revision that was looked at, such as "3": 409 when another is in force.',
      },
    ],
    body: { schema: objectOf({ revision: { type: "integer", minimum: 1 } }) },
    calls: {
      unchanged: {
        summary: "To the one in force, which changes nothing",
        body: { revision: 1 },
        answer: { status: 200, body: { data: { revision: 1, changes: [], created_keys: [] } } },
      },
      no_such_revision: {
        summary: "A revision that is yet to come",
        body: { revision: 99 },
        answer: {
          status: 404,
          body: errorExample("not_found", "There was no configuration at this revision."),
        },
      },
    },
    replies: {
      200: {
        description: "In force.",
        schema: dataOf(
          objectOf({
            revision: { type: "integer" },
            changes: { type: "array", items: schemaNamed("Change") },
            created_keys: {
              type: "array",
              items: { allOf: [schemaNamed("CreatedKey"), objectOf({ supplier_id: { type: "string" } })] },
            },
          }),
        ),
        headers: ["etag"],
      },
      404: { description: "There was no configuration at this revision.", schema: ERROR },
      409: { description: "Another revision is in force than If-Match names.", schema: ERROR },
    },
  },
};
