import {
  dataOf,
  errorExample,
  type OperationDescription,
  objectOf,
  schemaNamed,
} from "#api-docs/description.ts";

/** The life of an installation. */
export const installationOperations: Readonly<Record<string, OperationDescription>> = {
  backUp: {
    description: `Everything in the database as it is at one moment, as a file (\`application/gzip\`) for \`leadgate restore\`, which checks its counts and
checksums. Leads go on meanwhile. The master key is not in it. A file that breaks off lacks its last line, and is refused.`,
    caller: "operator",
    replies: {
      200: { description: "The file." },
      409: {
        description:
          "Another backup is being made, or the disk has no room for the copy of an embedded database.",
        schema: schemaNamed("Error"),
        examples: {
          busy: {
            summary: "One is being made",
            value: errorExample("conflict", "A backup is being made already. Try again when it is done."),
          },
        },
      },
    },
  },
  getCondition: {
    description:
      "How the database is: its version, whether what it commits is on the disk, its schema, its clock and its size.",
    caller: "operator",
    replies: {
      200: {
        description: "The condition.",
        schema: dataOf(
          objectOf({
            version: { type: "string", description: "Of the server." },
            database: objectOf({
              kind: { type: "string", enum: ["postgres", "embedded"] },
              version: { type: "string", description: "Of PostgreSQL." },
              durable: { type: "boolean" },
              standby: { type: "boolean" },
              schema: { type: "string", enum: ["up to date", "older", "newer"] },
              clock_ahead_ms: { type: "integer", description: "Of the server's clock." },
              size_bytes: { type: "integer" },
            }),
          }),
        ),
      },
    },
  },
};
