import type { ConfigurationDocument } from "#campaigns/document.ts";
import type { DocumentFormat } from "#configuration/document-text.ts";
import { problemsIn } from "#configuration/problems/document-problems.ts";
import { RefusedDocument } from "#configuration/problems/refused-document.ts";
import type { DocumentProblem } from "#configuration/problems/schema-problems.ts";
import { readLargeDocument } from "#configuration/yaml/large-document.ts";
import type { RequestContext } from "#http/context.ts";
import type { Read } from "#http/json-body.ts";

/** A document without problems that was sent as text, or the answer that names each of them, with its line in YAML. */
export async function documentIn(
  text: string,
  format: DocumentFormat,
  context: RequestContext,
): Promise<Read<ConfigurationDocument>> {
  const read = await readLargeDocument(text, format);
  if (!read.ok) return { ok: false, reply: context.refuse(REFUSALS[read.flaw], sentence(read.message)) };
  const problems = problemsIn(read.document);
  if (problems.length === 0) return { ok: true, value: read.document as ConfigurationDocument };
  const places = await read.placesOf(
    problems.map(({ path, code }) => ({ path, what: code === "unknown_field" ? "name" : "value" })),
  );
  return { ok: false, reply: refuseDocument(problems, context, places) };
}

const REFUSALS = { malformed: "malformed_body", too_large: "payload_too_large" } as const;

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** The same of a value that was read already. */
export function checkedDocument(document: unknown, context: RequestContext): Read<ConfigurationDocument> {
  const problems = problemsIn(document);
  if (problems.length === 0) return { ok: true, value: document as ConfigurationDocument };
  return { ok: false, reply: refuseDocument(problems, context) };
}

/** Does something with a document, and says where it does not fit what is on record. */
export async function tellRefusal(context: RequestContext, work: () => Promise<Response>): Promise<Response> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof RefusedDocument)) throw error;
    return refuseDocument(error.problems, context);
  }
}

/** The 400 that names each problem by its path. */
export function refuseDocument(
  problems: readonly DocumentProblem[],
  context: RequestContext,
  places: readonly (object | undefined)[] = [],
): Response {
  const count = problems.length === 1 ? "1 setting is" : `${problems.length} settings are`;
  return context.refuse("validation_failed", `${count} not valid`, {
    field_errors: problems.map(({ path, code, message }, place) => ({
      field: path,
      code,
      message,
      ...places[place],
    })),
  });
}
