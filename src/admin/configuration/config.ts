import { Type } from "@sinclair/typebox";
import type { Operator } from "#access/sessions/operator-gate.ts";
import { type AdminParts, authorOf } from "#admin/parts.ts";
import type { ConfigurationDocument } from "#campaigns/document.ts";
import {
  type Applied,
  applyConfiguration,
  type ChangedBy,
  type PlannedConfiguration,
  planConfiguration,
  RevisionConflict,
} from "#configuration/apply.ts";
import { readConfiguration } from "#configuration/configuration-records.ts";
import { demoDocument } from "#configuration/demo.ts";
import { type DocumentFormat, writeYaml } from "#configuration/document-text.ts";
import { CONFIGURATION } from "#configuration/reference/document-schema.ts";
import { planRollback, RollbackRefused, rollBackConfiguration } from "#configuration/rollback.ts";
import { shownDocument } from "#configuration/secrets/document-secrets.ts";
import { mediaTypeOf } from "#http/body.ts";
import { type BodyForm, json } from "#http/body-form.ts";
import type { RequestContext } from "#http/context.ts";
import { type Read, readText } from "#http/json-body.ts";
import { type Route, route } from "#http/route.ts";
import { dataOf, listOf, objectOf } from "#http/schema.ts";
import { errorExample, exampleCall, missingCall, refusalWords, reply } from "#http/words.ts";
import { CHANGE, CREATED_KEYS, changeAnswer, createdKeysAnswer } from "./configuration-schemas.ts";
import { documentIn, refuseDocument, tellRefusal } from "./document-body.ts";
import { DEMO_WARNINGS, readWarnings, WARNINGS_SCHEMA } from "./read-warnings.ts";

const PATH = "/api/v1/admin/config";
const NO_REVISION = "There was no configuration at this revision.";

/** The configuration as one document: read, planned, applied, rolled back. */
export function configRoutes(parts: AdminParts): Route[] {
  return [
    showRoute(parts),
    applyRoute(parts),
    planRoute(parts),
    rollbackRoute(parts),
    planRollbackRoute(parts),
  ];
}

function showRoute({ database, operators }: AdminParts): Route {
  return route({
    method: "get",
    path: PATH,
    who: operators.read,
    async answer({ context }) {
      const stored = await readConfiguration(database);
      const document = stored === null ? { version: 1 as const } : shownDocument(stored.document);
      const headers = { ...etagOf(stored?.revision ?? 0), vary: "accept" };
      if (!prefersYaml(context)) return context.json(200, document, headers);
      return context.file(writeYaml(document), "application/yaml; charset=utf-8", headers);
    },
    words: {
      operation: "getConfiguration",
      section: "Operators",
      summary: "The configuration in force",
      description: `The document in force, as JSON, or as YAML when \`Accept\` prefers that. Secrets in headers and in the
queries of URLs are shown as \`***\`, to everybody; a document that is sent back with them keeps what is there.`,
      replies: { 200: reply("The document.", CONFIGURATION, ["etag"]) },
    },
  });
}

function applyRoute(parts: AdminParts): Route {
  return route({
    method: "put",
    path: PATH,
    who: parts.operators.admin,
    body: DOCUMENT,
    answer: ({ context, caller, body }) =>
      tellRefusal(context, () =>
        putInForce(context, caller, parts, (by) => applyConfiguration(parts, body, by)),
      ),
    words: {
      operation: "applyConfiguration",
      section: "Operators",
      summary: "Bring a configuration into force",
      description: `Puts a whole document in force, all of it or nothing. It is in force for the very next lead, on
every server. What the document leaves out is archived, or deleted when nothing refers to it. A new supplier gets its
first key with the answer, once.`,
      headers: {
        "if-match": {
          description: 'The revision that the change was made on, such as "3": 409 when another is in force.',
        },
      },
      // The first example is what "Try it out" holds: one that changes nothing.
      calls: {
        not_valid: WRONG_DOCUMENT,
        unchanged: exampleCall("The demo set-up, as it is", demoDocument, 200, {
          data: { revision: 1, changes: [], warnings: DEMO_WARNINGS, created_keys: [] },
        }),
      },
      replies: { 200: reply("In force.", dataOf(APPLIED), ["etag"]), 409: OTHER_REVISION },
    },
  });
}

function planRoute(parts: AdminParts): Route {
  return route({
    method: "post",
    path: `${PATH}/plan`,
    who: parts.operators.read,
    body: DOCUMENT,
    answer: ({ context, body }) =>
      tellRefusal(context, async () => tellPlan(context, await planConfiguration(parts, body), parts)),
    words: {
      operation: "planConfiguration",
      section: "Operators",
      summary: "What a configuration would change",
      description: "What applying a document would change. Nothing is written.",
      calls: {
        not_valid: WRONG_DOCUMENT,
        unchanged: exampleCall("The demo set-up, as it is", demoDocument, 200, {
          data: { revision: 1, changes: [], warnings: DEMO_WARNINGS },
        }),
      },
      replies: { 200: PLAN },
    },
  });
}

async function tellPlan(
  context: RequestContext,
  { revision, document, changes }: PlannedConfiguration,
  parts: AdminParts,
): Promise<Response> {
  const warnings = await readWarnings(parts, document);
  const data = { revision, changes: changes.map(changeAnswer), warnings };
  return context.json(200, { data }, etagOf(revision));
}

const PLAN = reply(
  "The changes, in words and one by one.",
  dataOf(objectOf({ revision: { type: "integer" }, changes: listOf(CHANGE), warnings: WARNINGS_SCHEMA })),
  ["etag"],
);

const ROLLBACK = Type.Object({
  revision: Type.Integer({
    minimum: 1,
    maximum: 2 ** 31 - 1,
    mustBe: "a revision of the history, such as 3",
    whenMissing: "must be a revision of the history, such as 3",
  }),
});

/** Puts the document of an earlier revision in force again. */
function rollbackRoute(parts: AdminParts): Route {
  return route({
    method: "post",
    path: `${PATH}/rollback`,
    who: parts.operators.admin,
    body: json(ROLLBACK),
    answer: ({ context, caller, body: { revision } }) =>
      tellNoWayBack(context, () =>
        putInForce(context, caller, parts, (by) => rollBackConfiguration(parts, revision, by)),
      ),
    words: {
      operation: "rollBackConfiguration",
      section: "Operators",
      summary: "Bring an earlier configuration back into force",
      description: `Puts the configuration that was in force at a revision in force again, to the byte, as a new
revision. Keys, secrets, counters and suppression entries are no part of it and stay as they are; a supplier that was
deleted since comes back with a new first key.`,
      headers: {
        "if-match": {
          description: 'The revision that was looked at, such as "3": 409 when another is in force.',
        },
      },
      calls: {
        unchanged: exampleCall("To the one in force, which changes nothing", { revision: 1 }, 200, {
          data: { revision: 1, changes: [], warnings: DEMO_WARNINGS, created_keys: [] },
        }),
        no_such_revision: missingCall("A revision that is yet to come", NO_REVISION, { revision: 99 }),
      },
      replies: {
        200: reply("In force.", dataOf(APPLIED), ["etag"]),
        404: refusalWords(NO_REVISION),
        409: OTHER_REVISION,
      },
    },
  });
}

/** What that would change, before it is done. */
function planRollbackRoute(parts: AdminParts): Route {
  return route({
    method: "post",
    path: `${PATH}/rollback/plan`,
    who: parts.operators.read,
    body: json(ROLLBACK),
    answer: ({ context, body: { revision } }) =>
      tellNoWayBack(context, async () => tellPlan(context, await planRollback(parts, revision), parts)),
    words: {
      operation: "planRollback",
      section: "Operators",
      summary: "What bringing an earlier configuration back would change",
      description: `What a rollback would change now, the credentials in URLs and headers of that time among it, each shown as
\`***\`. Nothing is written.`,
      calls: {
        unchanged: exampleCall("To the one in force, which would change nothing", { revision: 1 }, 200, {
          data: { revision: 1, changes: [], warnings: DEMO_WARNINGS },
        }),
        no_such_revision: missingCall("A revision that is yet to come", NO_REVISION, { revision: 99 }),
      },
      replies: { 200: PLAN, 404: refusalWords(NO_REVISION) },
    },
  });
}

/** Does something with an earlier document, and says why that cannot come back: there is none, or it does not fit any more. */
async function tellNoWayBack(context: RequestContext, work: () => Promise<Response>): Promise<Response> {
  try {
    return await tellRefusal(context, work);
  } catch (error) {
    if (!(error instanceof RollbackRefused)) throw error;
    if (error.problems.length > 0) return refuseDocument(error.problems, context);
    return context.refuse("not_found", NO_REVISION);
  }
}

/** Changes the configuration on the condition that the request names, and answers what that did. */
async function putInForce(
  context: RequestContext,
  caller: Operator,
  parts: AdminParts,
  change: (by: ChangedBy) => Promise<Applied>,
): Promise<Response> {
  const condition = conditionOf(context);
  if (!condition.ok) return condition.reply;
  try {
    const { revision, document, changes, createdKeys } = await change({
      ...authorOf(caller, parts),
      ...condition.value,
    });
    parts.keysChanged();
    const data = {
      revision,
      changes: changes.map(changeAnswer),
      warnings: await readWarnings(parts, document),
      created_keys: createdKeysAnswer(createdKeys),
    };
    return context.json(200, { data }, etagOf(revision));
  } catch (error) {
    if (!(error instanceof RevisionConflict)) throw error;
    const message = "The configuration has changed since: read it again and make the change on that.";
    return context.refuse("conflict", message, { data: { revision: error.revision } });
  }
}

const APPLIED = objectOf({
  revision: { type: "integer" },
  changes: listOf(CHANGE),
  warnings: WARNINGS_SCHEMA,
  created_keys: CREATED_KEYS,
});

const OTHER_REVISION = refusalWords("Another revision is in force than If-Match names.");

const WRONG_DOCUMENT = exampleCall(
  "A document with mistakes: each is named by its path",
  {
    version: 1,
    campaigns: [{ id: "solar-texas", distribution: "lottery", buyers: [{ buyer: "nobody" }] }],
  },
  400,
  errorExample("validation_failed", "2 settings are not valid", {
    field_errors: [
      {
        field: "campaigns[solar-texas].distribution",
        code: "not_allowed",
        message: "must be one of priority, weighted, round_robin, highest_bid",
      },
      {
        field: "campaigns[solar-texas].buyers[nobody].buyer",
        code: "not_allowed",
        message: "must be the id of a buyer in this document",
      },
    ],
  }),
);

/** A whole configuration without problems: else every one is named by its path. */
const DOCUMENT: BodyForm<ConfigurationDocument> = {
  schema: CONFIGURATION,
  mediaTypes: ["application/json", "application/yaml"],
  description: "The whole configuration, at most 5 MiB of JSON or 1 MiB of YAML.",
  read: readDocumentOf,
};

async function readDocumentOf(context: RequestContext): Promise<Read<ConfigurationDocument>> {
  const format = formatOf(mediaTypeOf(context.request));
  if (format === undefined) {
    const message = "Send the configuration as application/json or application/yaml.";
    return { ok: false, reply: context.refuse("unsupported_media_type", message) };
  }
  const written = await readText(context);
  return written.ok ? documentIn(written.value, format, context) : written;
}

function formatOf(mediaType: string): DocumentFormat | undefined {
  switch (mediaType) {
    case "application/json":
      return "json";
    case "application/yaml":
    case "application/x-yaml":
    case "text/yaml":
    case "text/x-yaml":
      return "yaml";
    default:
      return undefined;
  }
}

/** `If-Match: "3"`, as the ETag said; also without quotes. `*` asks for nothing. */
function conditionOf(context: RequestContext): Read<{ ifRevision?: number }> {
  const header = context.header("if-match")?.trim();
  if (header === undefined || header === "*") return { ok: true, value: {} };
  const revision = /^(?:W\/)?"?(\d{1,9})"?$/.exec(header)?.[1];
  if (revision !== undefined) return { ok: true, value: { ifRevision: Number(revision) } };
  const message = 'must be a revision such as "3", as the ETag of the configuration says';
  const reply = context.refuse("validation_failed", "1 header is not valid", {
    field_errors: [{ field: "if-match", code: "invalid_format", message }],
  });
  return { ok: false, reply };
}

function prefersYaml(context: RequestContext): boolean {
  const accepted = (context.header("accept") ?? "").toLowerCase();
  const [yaml, json] = [accepted.indexOf("yaml"), accepted.indexOf("json")];
  return yaml >= 0 && (json < 0 || yaml < json);
}

function etagOf(revision: number): Record<string, string> {
  return { etag: `"${revision}"` };
}
