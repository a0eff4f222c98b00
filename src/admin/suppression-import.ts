import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { operation, type RecordedChange } from "#configuration/history.ts";
import { DatabaseUnavailable } from "#database/database.ts";
import { discardRest } from "#http/body.ts";
import { invalid } from "#http/field-errors.ts";
import { readSettings } from "#http/query.ts";
import { errorReply, jsonResponse, requestIdOf } from "#http/reply.ts";
import { isSuppressed } from "#suppression/entry-records.ts";
import { FileRefused } from "#suppression/file.ts";
import {
  type ImportEnding,
  type ImportTally,
  importSuppressionFile,
  startTally,
} from "#suppression/import.ts";
import { RECIPES_EXPECTED, type Recipes, recipesNamed } from "#suppression/recipe.ts";
import type { AdminContext } from "./operator.ts";
import { recording } from "./recording.ts";

/** How often a caller who asked for it hears how far an import has come. */
const PROGRESS_EVERY_MS = 1000;

/**
 * Puts a CSV of any length on a list, read no faster than it is written. To `Accept: application/x-ndjson` one that takes longer
 * than a second answers a line a second, and then what it would have answered otherwise as the last.
 */
export async function importEntries(
  request: Request,
  listId: string,
  context: AdminContext,
): Promise<Response> {
  const requestId = requestIdOf(request);
  const encoding = request.headers.get("content-encoding") ?? "identity";
  if (encoding !== "identity" && encoding !== "gzip") {
    return errorReply("unsupported_media_type", "Send the file as it is, or as gzip.", requestId);
  }
  const query = readSettings(request.url, ["recipe", "mode", "ignore_unknown"]);
  const recipes: Recipes = query.parsed("recipe", recipesNamed, RECIPES_EXPECTED) ?? {};
  const replace = query.oneOf("mode", ["add", "replace"]) === "replace";
  const ignoreUnknown = query.oneOf("ignore_unknown", ["true", "false"]) === "true";
  if (query.errors.length > 0) return invalid(query.errors, requestId);
  const { database, pepper, now } = context;
  if ((await isSuppressed(database, listId, [])) === null) return noSuchList(requestId);
  const tally = startTally();
  const bytes =
    encoding === "gzip" ? unzipped(bytesOf(request, context.stopping)) : bytesOf(request, context.stopping);
  const how = { recipes, ignoreUnknown, pepper, replace, tally, now };
  const noted = recording(request, context, () =>
    entriesChanged(listId, replace ? "entries_replaced" : "entries_added", counts(tally)),
  );
  const ended = importAndNote().then(
    (ending) => answerTo(ending, tally, replace, requestId),
    (error: unknown) => answerToFailure(error, tally, requestId),
  );
  return acceptsLines(request) ? await withProgress(ended, tally, requestId) : await ended;

  async function importAndNote(): Promise<ImportEnding> {
    try {
      return await importSuppressionFile(database, listId, bytes, how);
    } finally {
      // Also of a file that broke off: what came before stays on the list.
      if (tally.written > 0 || replace) await noted.write(async () => undefined);
    }
  }
}

function answerTo(ending: ImportEnding, tally: ImportTally, replace: boolean, requestId: string): Response {
  switch (ending.ended) {
    case "done": {
      const data = {
        ...counts(tally),
        bad_lines: tally.badLines,
        ...(replace && { removed: ending.removed }),
      };
      return jsonResponse(200, { data }, { "x-request-id": requestId });
    }
    case "no_such_list":
      return noSuchList(requestId);
    case "overtaken": {
      const message = "Another replacement of this list began meanwhile, and this one was left off.";
      return errorReply("conflict", message, requestId, { data: counts(tally) });
    }
  }
}

/** @throws whatever is no fault of the file. */
function answerToFailure(error: unknown, tally: ImportTally, requestId: string): Response {
  if (error instanceof DatabaseUnavailable) {
    const message = "The database is not available. What was written stays; send the file again.";
    return errorReply("unavailable", message, requestId, { retry_after: 2, data: counts(tally) });
  }
  if (!(error instanceof FileRefused)) throw error;
  if (error.errors.length > 0) return invalid(error.errors, requestId);
  const message = `${error.message} What came before is on the list.`;
  return errorReply("malformed_body", message, requestId, { data: counts(tally) });
}

function counts({ rows, added, written, bad }: ImportTally) {
  return { received: rows, added, already_there: written - added, bad };
}

function acceptsLines(request: Request): boolean {
  return (request.headers.get("accept") ?? "").includes("application/x-ndjson");
}

async function withProgress(
  ended: Promise<Response>,
  tally: ImportTally,
  requestId: string,
): Promise<Response> {
  // Whoever leaves before the end does not hear how it failed.
  ended.catch(() => undefined);
  const soon = await next(ended);
  if (soon !== undefined) return soon;
  const encoder = new TextEncoder();
  const progress = () => encoder.encode(`${JSON.stringify(counts(tally))}\n`);
  const lines = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(progress());
    },
    async pull(controller) {
      const answer = await next(ended);
      if (answer === undefined) return controller.enqueue(progress());
      controller.enqueue(encoder.encode(`${await answer.text()}\n`));
      controller.close();
    },
  });
  const headers = { "content-type": "application/x-ndjson", "x-request-id": requestId };
  return new Response(lines, { headers });
}

/** The answer, if it comes within a second. */
function next(ended: Promise<Response>): Promise<Response | undefined> {
  return Promise.race([ended, Bun.sleep(PROGRESS_EVERY_MS)]).then((answer) => answer ?? undefined);
}

/** The body as it comes. What nobody wants of it is read and forgotten, unless the server stops. */
async function* bytesOf(request: Request, stopping: AbortSignal): AsyncGenerator<Uint8Array> {
  const reader = request.body?.getReader();
  if (reader === undefined) return;
  // What is waited for is then over, too.
  const cutOff = () => void reader.cancel().catch(() => undefined);
  stopping.addEventListener("abort", cutOff);
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(() => {
        throw new FileRefused("The file broke off.");
      });
      if (stopping.aborted) throw new FileRefused("The server stops; send the file again.");
      if (done) return;
      yield value;
    }
  } finally {
    stopping.removeEventListener("abort", cutOff);
    await discardRest(reader);
  }
}

async function* unzipped(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const source = Readable.from(bytes, { objectMode: false });
  const unzip = createGunzip();
  source.on("error", (error) => unzip.destroy(error));
  source.pipe(unzip);
  try {
    for await (const piece of unzip as AsyncIterable<Uint8Array>) yield piece;
  } catch (error) {
    throw error instanceof FileRefused ? error : new FileRefused("The file is not gzip, or it broke off.");
  } finally {
    source.destroy();
    unzip.destroy();
  }
}

/** How the history tells of entries that came or went, by how many of them. */
export function entriesChanged(
  listId: string,
  action: "entries_added" | "entries_removed" | "entries_replaced",
  counted: Readonly<Record<string, number>>,
): RecordedChange {
  const differences = Object.entries(counted).map(([name, count]) => ({
    path: `entries.${name}`,
    to: count,
  }));
  return operation({ kind: "suppression_list", id: listId }, action, ...differences);
}

export function noSuchList(requestId: string): Response {
  return errorReply("not_found", "There is no such suppression list.", requestId);
}
