import type { Mapping } from "#text/problem.ts";
import { mediaTypeOf, type RefusedBody, readBodyText, readJsonObject } from "./body.ts";
import type { RequestContext } from "./context.ts";

/**
 * What an operator may send at once: 10,000 suppression entries of six values each are 60,001 keys and 70,001 values, which take 30 ms of
 * the one thread. A hundred thousand keys and half a million values took 400.
 */
export const OPERATORS_LIMITS = {
  maxBytes: 5 * 1024 * 1024,
  maxDepth: 40,
  maxKeys: 61_000,
  maxValues: 80_000,
};

/** What could be read, or the answer that says why it could not. */
export type Read<T> = { ok: true; value: T } | { ok: false; reply: Response };

/** A JSON body that is one object. */
export async function readObject(context: RequestContext): Promise<Read<Mapping>> {
  if (mediaTypeOf(context.request) !== "application/json") return refused(context, NOT_JSON);
  return readJsonText(context);
}

/** A JSON merge patch (RFC 7396) of an object, under its own media type or plain JSON's. */
export async function readMergePatch(context: RequestContext): Promise<Read<Mapping>> {
  const isPatch = ["application/merge-patch+json", "application/json"].includes(mediaTypeOf(context.request));
  return isPatch ? readJsonText(context) : refused(context, NOT_A_PATCH);
}

async function readJsonText(context: RequestContext): Promise<Read<Mapping>> {
  const text = await readText(context);
  if (!text.ok) return text;
  const read = readJsonObject(text.value, OPERATORS_LIMITS);
  return read.ok ? { ok: true, value: read.body } : refused(context, read);
}

/** A JSON body that is one object, where nothing need be said: no body at all is an empty one. */
export async function readOptionalObject(context: RequestContext): Promise<Read<Mapping>> {
  if (mediaTypeOf(context.request) !== "") return readObject(context);
  const text = await readText(context);
  if (!text.ok) return text;
  return text.value === "" ? { ok: true, value: {} } : refused(context, NOT_JSON);
}

const NOT_JSON: RefusedBody = {
  ok: false,
  error: "unsupported_media_type",
  message: "Send the body as application/json.",
};

const NOT_A_PATCH: RefusedBody = {
  ...NOT_JSON,
  message: "Send the body as application/merge-patch+json or application/json.",
};

/** The whole body as text, at most 5 MiB of it. */
export async function readText(context: RequestContext): Promise<Read<string>> {
  const read = await readBodyText(context.request, OPERATORS_LIMITS.maxBytes);
  return read.ok ? { ok: true, value: read.text } : refused(context, read);
}

function refused(context: RequestContext, { error, message }: RefusedBody): { ok: false; reply: Response } {
  return { ok: false, reply: context.refuse(error, message) };
}
