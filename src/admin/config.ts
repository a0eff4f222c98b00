import { Elysia } from "elysia";
import type { CreatedKey } from "#access/supplier-key-records.ts";
import type { ConfigurationDocument } from "#campaigns/document.ts";
import {
  type Applied,
  applyConfiguration,
  type ChangedBy,
  planConfiguration,
  RevisionConflict,
} from "#configuration/apply.ts";
import { readConfiguration } from "#configuration/configuration-records.ts";
import { type DocumentFormat, readDocument, writeYaml } from "#configuration/document-text.ts";
import type { RecordedChange } from "#configuration/history.ts";
import { type Change, describeChange } from "#configuration/plan.ts";
import { problemsIn } from "#configuration/problems/document-problems.ts";
import type { DocumentProblem } from "#configuration/problems/schema-problems.ts";
import { RollbackRefused, rollBackConfiguration } from "#configuration/rollback.ts";
import { mediaTypeOf } from "#http/body.ts";
import { invalid, unknownNames } from "#http/field-errors.ts";
import { type Read, readObject, readText } from "#http/json-body.ts";
import { errorReply, jsonResponse, requestIdOf } from "#http/reply.ts";
import { describedAs } from "./described.ts";
import { type AdminContext, callerOf } from "./operator.ts";

/** The configuration as one document: read, planned, applied, rolled back. */
export function configRoutes(context: AdminContext) {
  return new Elysia({ prefix: "/api/v1/admin/config" })
    .get(
      "",
      ({ request }) => show(request, context),
      describedAs("getConfiguration", "The configuration in force", "read"),
    )
    .put("", ({ request }) => apply(request, context), {
      parse: "none",
      ...describedAs("applyConfiguration", "Bring a configuration into force", "admin"),
    })
    .post("/plan", ({ request }) => plan(request, context), {
      parse: "none",
      ...describedAs("planConfiguration", "What a configuration would change", "read"),
    })
    .post("/rollback", ({ request }) => rollback(request, context), {
      parse: "none",
      ...describedAs("rollBackConfiguration", "Bring an earlier configuration back into force", "admin"),
    });
}

async function show(request: Request, { database }: AdminContext): Promise<Response> {
  const stored = await readConfiguration(database);
  const document = stored?.document ?? { version: 1 };
  const headers = { ...answerHeaders(request, stored?.revision ?? 0), vary: "accept" };
  if (!prefersYaml(request)) return jsonResponse(200, document, headers);
  return new Response(writeYaml(document), {
    headers: { ...headers, "content-type": "application/yaml; charset=utf-8" },
  });
}

async function apply(request: Request, context: AdminContext): Promise<Response> {
  const document = await documentOf(request);
  if (!document.ok) return document.reply;
  return putInForce(request, context, (by) => applyConfiguration(context.database, document.value, by));
}

/** Puts the document of an earlier revision in force again. */
async function rollback(request: Request, context: AdminContext): Promise<Response> {
  const requestId = requestIdOf(request);
  const body = await readObject(request);
  if (!body.ok) return body.reply;
  const { revision, ...others } = body.value;
  const errors = unknownNames(others, ["revision"]);
  if (!isRevision(revision)) {
    const message = "must be a revision of the history, such as 3";
    errors.push({ field: "revision", code: revision === undefined ? "required" : "invalid_format", message });
  }
  if (errors.length > 0) return invalid(errors, requestId);
  try {
    return await putInForce(request, context, (by) =>
      rollBackConfiguration(context.database, Number(revision), by),
    );
  } catch (error) {
    if (!(error instanceof RollbackRefused)) throw error;
    if (error.problems.length > 0) return problemsReply(error.problems, requestId);
    return errorReply("not_found", "There was no configuration at this revision.", requestId);
  }
}

function isRevision(revision: unknown): boolean {
  return Number.isInteger(revision) && Number(revision) > 0 && Number(revision) <= LARGEST_REVISION;
}

const LARGEST_REVISION = 2 ** 31 - 1;

/** Changes the configuration on the condition that the request names, and answers what that did. */
async function putInForce(
  request: Request,
  { now, keysChanged }: AdminContext,
  change: (by: ChangedBy) => Promise<Applied>,
): Promise<Response> {
  const condition = conditionOf(request);
  if (!condition.ok) return condition.reply;
  try {
    const applied = await change({ now: now(), by: callerOf(request), ...condition.value });
    keysChanged();
    return jsonResponse(200, { data: appliedAnswer(applied) }, answerHeaders(request, applied.revision));
  } catch (error) {
    if (!(error instanceof RevisionConflict)) throw error;
    return errorReply(
      "conflict",
      "The configuration has changed since: read it again and make the change on that.",
      requestIdOf(request),
      { data: { revision: error.revision } },
    );
  }
}

async function plan(request: Request, { database }: AdminContext): Promise<Response> {
  const document = await documentOf(request);
  if (!document.ok) return document.reply;
  const { revision, changes } = await planConfiguration(database, document.value);
  const data = { revision, changes: changes.map(changeAnswer) };
  return jsonResponse(200, { data }, answerHeaders(request, revision));
}

function appliedAnswer({ revision, changes, createdKeys }: Applied) {
  return {
    revision,
    changes: changes.map(changeAnswer),
    created_keys: createdKeysAnswer(createdKeys),
  };
}

/** The first keys of new suppliers, shown this once. */
export function createdKeysAnswer(keys: readonly CreatedKey[]) {
  return keys.map(({ supplierId, id, key, prefix }) => ({ supplier_id: supplierId, id, key, prefix }));
}

export function changeAnswer(change: Change | RecordedChange) {
  return { ...change, summary: describeChange(change) };
}

/** The document in the body, without problems, or the 400 that names every one by its path. */
async function documentOf(request: Request): Promise<Read<ConfigurationDocument>> {
  const requestId = requestIdOf(request);
  const format = formatOf(mediaTypeOf(request));
  if (format === undefined) {
    const message = "Send the configuration as application/json or application/yaml.";
    return { ok: false, reply: errorReply("unsupported_media_type", message, requestId) };
  }
  const text = await readText(request);
  if (!text.ok) return text;
  const read = readDocument(text.value, format);
  if (!read.ok) return { ok: false, reply: errorReply("malformed_body", sentence(read.message), requestId) };
  const problems = problemsIn(read.document);
  if (problems.length === 0) return { ok: true, value: read.document as ConfigurationDocument };
  return { ok: false, reply: problemsReply(problems, requestId) };
}

function problemsReply(problems: readonly DocumentProblem[], requestId: string): Response {
  const count = problems.length === 1 ? "1 setting is" : `${problems.length} settings are`;
  return errorReply("validation_failed", `${count} not valid`, requestId, {
    field_errors: problems.map(({ path, code, message }) => ({ field: path, code, message })),
  });
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
function conditionOf(request: Request): Read<{ ifRevision?: number }> {
  const header = request.headers.get("if-match")?.trim();
  if (header === undefined || header === "*") return { ok: true, value: {} };
  const revision = /^(?:W\/)?"?(\d{1,9})"?$/.exec(header)?.[1];
  if (revision !== undefined) return { ok: true, value: { ifRevision: Number(revision) } };
  const message = 'must be a revision such as "3", as the ETag of the configuration says';
  return {
    ok: false,
    reply: errorReply("validation_failed", "1 header is not valid", requestIdOf(request), {
      field_errors: [{ field: "if-match", code: "invalid_format", message }],
    }),
  };
}

function prefersYaml(request: Request): boolean {
  const accepted = (request.headers.get("accept") ?? "").toLowerCase();
  const [yaml, json] = [accepted.indexOf("yaml"), accepted.indexOf("json")];
  return yaml >= 0 && (json < 0 || yaml < json);
}

function answerHeaders(request: Request, revision: number): Record<string, string> {
  return { etag: `"${revision}"`, "x-request-id": requestIdOf(request) };
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
