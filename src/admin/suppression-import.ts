import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import type { Operator } from "#access/sessions/operator-gate.ts";
import { countsOf, importEntries } from "#changes/suppression.ts";
import { DatabaseUnavailable } from "#database/database.ts";
import { countryProblem } from "#fields/country.ts";
import { discardRest } from "#http/body.ts";
import type { RequestContext } from "#http/context.ts";
import { invalid } from "#http/field-errors.ts";
import type { InFlight } from "#http/in-flight.ts";
import { oneWordOf, querySetting, readQuery, yesOrNo } from "#http/query.ts";
import { INTERNAL_FAULT } from "#http/reply.ts";
import { refusedSince, ShutOut, whileLetIn } from "#http/route.ts";
import { USUAL_COUNTRY } from "#suppression/entry.ts";
import { isSuppressed } from "#suppression/entry-records.ts";
import { columnsNamed, FileRefused } from "#suppression/file.ts";
import { type FileImport, type ImportEnding, type ImportTally, startTally } from "#suppression/import.ts";
import { RECIPES_EXPECTED, recipesNamed } from "#suppression/recipe.ts";
import { newUuid } from "#text/ids.ts";
import { type AdminParts, authorOf } from "./parts.ts";

export const NO_LIST = "There is no such suppression list.";

/** How hashes were made. */
export const RECIPE = querySetting(
  "How hashes were made, when their columns don't say: `last_ten`, `digits,lower`, `drop` …",
  RECIPES_EXPECTED,
  recipesNamed,
);

/** How phones are understood. */
export const COUNTRY = {
  ...querySetting(
    "By which phones without a country code are understood",
    "an ISO 3166 country such as US",
    (text) => [text.toUpperCase()].find((code) => countryProblem(code) === undefined),
    { type: "string", pattern: "^[A-Za-z]{2}$", default: USUAL_COUNTRY },
  ),
  example: "US",
};

export const IMPORT_SETTINGS = {
  recipe: RECIPE,
  country: COUNTRY,
  mode: oneWordOf(
    ["add", "replace"],
    "Of CSV: `replace` takes off the list what is not in the file, at its end, and only if no row was bad. Until then the list holds both.",
    "add",
  ),
  columns: querySetting(
    "Of CSV without a line of names: what its columns hold, such as `phone`, `phone,email` or `area,phone`",
    "the names of columns with commas between, such as phone or area,phone",
    columnsNamed,
  ),
  ignore_unknown: yesOrNo("Of CSV: pass over columns of other names", false),
};

/** Imports that one server works on at once: each can keep a core busy for minutes. */
export const MOST_IMPORTS = 4;

const TOO_MANY_IMPORTS = `${MOST_IMPORTS} imports are running: send the file again when one of them has ended.`;

/** How often a caller who asked for it hears how far an import has come. */
const PROGRESS_EVERY_MS = 1000;

/**
 * Puts a CSV of any length on a list, read no faster than it is written. To `Accept: application/x-ndjson` one that takes longer
 * than a second answers a line a second, and then what it would have answered otherwise as the last.
 */
export async function importFile(
  context: RequestContext,
  listId: string,
  caller: Operator,
  parts: AdminParts,
  imports: InFlight,
): Promise<Response> {
  const { request } = context;
  const encoding = context.header("content-encoding") ?? "identity";
  if (encoding !== "identity" && encoding !== "gzip") {
    return context.refuse("unsupported_media_type", "Send the file as it is, or as gzip.");
  }
  const { values, errors } = readQuery(request.url, IMPORT_SETTINGS);
  if (errors.length > 0) return invalid(context, errors);
  const { database, pepper, now, stopping } = parts;
  if ((await isSuppressed(database, listId, [])) === null) return context.refuse("not_found", NO_LIST);
  const leave = imports.enter("imports");
  if (leave === undefined) return context.refuse("rate_limited", TOO_MANY_IMPORTS, { retry_after: 30 });
  const tally = startTally();
  const file = {
    recipes: values.recipe ?? {},
    ignoreUnknown: values.ignore_unknown === true,
    columns: values.columns,
    country: values.country ?? USUAL_COUNTRY,
    replace: values.mode === "replace",
    pepper,
    tally,
    now,
  };
  const gone = new AbortController();
  const over = AbortSignal.any([stopping, request.signal, gone.signal]);
  const sent = bytesOf(request, over);
  const unzipped = encoding === "gzip" ? unzippedUpload(sent, MOST_UNZIPPED_BYTES, over) : sent;
  // By its end a list is replaced.
  const refused = () => refusedSince(parts.operators.operate, context);
  const bytes = whileLetIn(unzipped, refused, { atEnd: true });
  const ended = importEntries(listId, bytes, file, database, authorOf(caller, parts))
    .finally(leave)
    .then(
      (ending) => {
        if (ending.ended === "done") parts.tell(importAlert(listId, tally));
        return answerTo(ending, file, context);
      },
      (error: unknown) => answerToFailure(error, tally, context),
    );
  if (!acceptsLines(request)) return await ended;
  const told = ended.catch((error: unknown) => {
    // Once lines are told, nobody else would hear of it.
    parts.log.warn("an import to a suppression list failed", {
      request_id: context.id,
      list_id: listId,
      error,
    });
    return context.refuse("internal_error", INTERNAL_FAULT);
  });
  return await withProgress(told, tally, context, gone);
}

/** Each import is one of its own. */
function importAlert(listId: string, tally: ImportTally): Parameters<AdminParts["tell"]>[0] {
  return {
    event: "import.done",
    key: `import.done:${newUuid()}`,
    campaignId: null,
    data: { list_id: listId, ...countsOf(tally) },
  };
}

function answerTo(
  ending: ImportEnding,
  { tally, replace }: Pick<FileImport, "tally" | "replace">,
  context: RequestContext,
): Response {
  switch (ending.ended) {
    case "done": {
      const removed = replace && { removed: ending.removed };
      return context.json(200, { data: { ...countsOf(tally), bad_lines: tally.badLines, ...removed } });
    }
    case "no_such_list":
      return context.refuse("not_found", NO_LIST);
    case "overtaken": {
      const message = "Another replacement of this list began meanwhile, and this one was left off.";
      return context.refuse("conflict", message, { data: countsOf(tally) });
    }
  }
}

/** @throws whatever is no fault of the file. */
function answerToFailure(error: unknown, tally: ImportTally, context: RequestContext): Response {
  if (error instanceof ShutOut) return error.refusal;
  if (error instanceof DatabaseUnavailable) {
    const message = "The database is not available. What was written stays; send the file again.";
    return context.refuse("unavailable", message, { retry_after: 2, data: countsOf(tally) });
  }
  if (!(error instanceof FileRefused)) throw error;
  if (error.errors.length > 0) return invalid(context, error.errors);
  const message = `${error.message} What came before is on the list.`;
  return context.refuse("malformed_body", message, { data: countsOf(tally) });
}

function acceptsLines(request: Request): boolean {
  return (request.headers.get("accept") ?? "").includes("application/x-ndjson");
}

async function withProgress(
  ended: Promise<Response>,
  tally: ImportTally,
  context: RequestContext,
  gone: AbortController,
): Promise<Response> {
  const soon = await next(ended);
  if (soon !== undefined) return soon;
  const encoder = new TextEncoder();
  const progress = () => encoder.encode(`${JSON.stringify(countsOf(tally))}\n`);
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
    cancel: () => gone.abort(),
  });
  return context.file(lines, "application/x-ndjson");
}

/** The answer, if it comes within a second. */
function next(ended: Promise<Response>): Promise<Response | undefined> {
  return Promise.race([ended, Bun.sleep(PROGRESS_EVERY_MS)]).then((answer) => answer ?? undefined);
}

/** The body as it comes. What nobody wants of it is read and forgotten, unless the server stops or the caller is gone. */
async function* bytesOf(request: Request, over: AbortSignal): AsyncGenerator<Uint8Array> {
  const reader = request.body?.getReader();
  if (reader === undefined) return;
  // What is waited for is then over, too.
  const cutOff = () => void reader.cancel().catch(() => undefined);
  over.addEventListener("abort", cutOff);
  if (over.aborted) cutOff();
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(() => {
        throw new FileRefused("The file broke off.");
      });
      refuseWhenOver(over);
      if (done) return;
      yield value;
    }
  } finally {
    over.removeEventListener("abort", cutOff);
    await discardRest(reader);
  }
}

function refuseWhenOver(over: AbortSignal): void {
  if (over.aborted) throw new FileRefused("The server stops, or the caller is gone; send the file again.");
}

/** As large as a file may be that is not zipped: 640 KB can unzip to 300 MB, and a file that is sent to more than any disk holds. */
const MOST_UNZIPPED_BYTES = 1024 ** 3;

/** What was sent unzips for long after the last of it has come, so each piece asks whether somebody still waits. */
export async function* unzippedUpload(
  bytes: AsyncIterable<Uint8Array>,
  most: number,
  over: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const source = Readable.from(bytes, { objectMode: false });
  const unzip = createGunzip();
  source.on("error", (error) => unzip.destroy(error));
  source.pipe(unzip);
  try {
    let length = 0;
    for await (const piece of unzip as AsyncIterable<Uint8Array>) {
      refuseWhenOver(over);
      length += piece.length;
      if (length > most) throw new FileRefused(`The file unzips to more than ${most} bytes.`);
      yield piece;
    }
  } catch (error) {
    throw error instanceof FileRefused ? error : new FileRefused("The file is not gzip, or it broke off.");
  } finally {
    source.destroy();
    unzip.destroy();
  }
}
