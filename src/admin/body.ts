import { errorReply, requestIdOf } from "#reply.ts";
import { isMapping } from "#rules/problem.ts";

/** What an operator may send at once. */
const MAX_BYTES = 5 * 1024 * 1024;

/** What could be read, or the answer that says why it could not. */
export type Read<T> = { ok: true; value: T } | { ok: false; reply: Response };

/** The media type in lower case and without parameters; empty when none was named. */
export function mediaTypeOf(request: Request): string {
  const [type = ""] = (request.headers.get("content-type") ?? "").split(";");
  return type.trim().toLowerCase();
}

/** A JSON body that is one object. */
export async function readObject(request: Request): Promise<Read<Readonly<Record<string, unknown>>>> {
  if (mediaTypeOf(request) !== "application/json") {
    return refused(request, "unsupported_media_type", "Send the body as application/json.");
  }
  const read = await readText(request);
  if (!read.ok) return read;
  const value = parsed(read.value);
  if (!isMapping(value)) return refused(request, "malformed_body", "The body must be one JSON object.");
  return { ok: true, value };
}

/** A JSON body that is one object, where nothing need be said: no body at all is an empty one. */
export async function readOptionalObject(request: Request): Promise<Read<Readonly<Record<string, unknown>>>> {
  if (mediaTypeOf(request) !== "") return readObject(request);
  const read = await readText(request);
  if (!read.ok) return read;
  if (read.value === "") return { ok: true, value: {} };
  return refused(request, "unsupported_media_type", "Send the body as application/json.");
}

/** The whole body as text, at most 5 MiB of it. */
export async function readText(request: Request): Promise<Read<string>> {
  const chunks: Uint8Array[] = [];
  let length = Number(request.headers.get("content-length") ?? 0) > MAX_BYTES ? Infinity : 0;
  for await (const chunk of length === 0 ? (request.body ?? []) : []) {
    length += chunk.byteLength;
    if (length > MAX_BYTES) break;
    chunks.push(chunk);
  }
  if (length > MAX_BYTES) return refused(request, "payload_too_large", "The body is larger than 5 MiB.");
  try {
    return { ok: true, value: new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks)) };
  } catch {
    return refused(request, "malformed_body", "The body is not UTF-8.");
  }
}

function refused(
  request: Request,
  kind: "malformed_body" | "payload_too_large" | "unsupported_media_type",
  message: string,
): { ok: false; reply: Response } {
  return { ok: false, reply: errorReply(kind, message, requestIdOf(request)) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
