import { dump, NewerSchema } from "#backup/dump.ts";
import { asFile } from "#backup/file.ts";
import { type Part, secretFingerprint } from "#backup/part.ts";
import { DatabaseRefused, DatabaseUnavailable, type Snapshot } from "#database/database.ts";
import type { RequestContext } from "#http/context.ts";
import { type Route, refusedSince, route, whileLetIn } from "#http/route.ts";
import { errorExample, refusalWords, reply } from "#http/words.ts";
import { version } from "../../package.json" with { type: "json" };
import type { AdminParts } from "./parts.ts";

/** The whole database as it is at one moment, while leads go on. */
export function backupRoute(parts: AdminParts): Route {
  return route({
    method: "get",
    path: "/api/v1/admin/backup",
    who: parts.operators.admin,
    answer({ context }) {
      // Copying the files of an embedded database may take longer than a connection may otherwise be silent.
      context.allowSilence(0);
      return backUp(context, parts);
    },
    words: {
      operation: "backUp",
      section: "Operators",
      summary: "Everything in the database, as one file",
      description: `Everything in the database as it is at one moment, as a file (\`application/gzip\`) for \`leadgate
restore\`, which checks its counts, checksums and signature under the master key. Leads go on meanwhile. The master key is not in it. A file
that breaks off lacks its last line, and is refused. Where tables are spread over nodes of Citus, each campaign is as it is at one
moment, and not all at the same.`,
      replies: {
        200: reply("The file."),
        409: {
          ...refusalWords(
            "Another backup is being made, or the disk has no room for the copy of an embedded database.",
          ),
          examples: {
            busy: {
              summary: "One is being made",
              value: errorExample("conflict", "A backup is being made already. Try again when it is done."),
            },
          },
        },
      },
    },
  });
}

/**
 * Who takes nothing for so long, as a command that was stopped by Ctrl-Z, has its connection ended: what was deleted since the snapshot
 * cannot be given back before that is closed, and of an embedded database no other backup can be made.
 */
const MAY_STALL_SECONDS = 240;

async function backUp(context: RequestContext, parts: AdminParts): Promise<Response> {
  let snapshot: Snapshot;
  try {
    snapshot = await parts.database.snapshot();
  } catch (error) {
    if (error instanceof DatabaseRefused) return context.refuse("conflict", error.message);
    throw error;
  }
  const madeAt = parts.now().toISOString();
  const dumped = dump(snapshot, {
    version,
    madeAt,
    database: parts.database.kind,
    spread: parts.database.isSpread || undefined,
    secretFingerprint: secretFingerprint(parts.secretKey),
  });
  try {
    // Asked for here, so that a refusal can still be said in words.
    const header = await dumped.next();
    context.allowSilence(MAY_STALL_SECONDS);
    const refused = () => refusedSince(parts.operators.admin, context).catch(believedUnlessAsked);
    const file = asFile(
      startingWith(header, whileLetIn(dumped, refused, { isAsked: tellsOfRows })),
      parts.secretKey,
    );
    return context.file(streamOf(file, snapshot, parts), "application/gzip", {
      "content-disposition": `attachment; filename="leadgate-${madeAt.slice(0, 19).replaceAll(":", "")}.backup"`,
    });
  } catch (error) {
    await snapshot.close();
    if (error instanceof NewerSchema) return context.refuse("conflict", error.message);
    throw error;
  }
}

/** A busy database, which does not say who may, is no reason to break off what is read on a connection of its own. */
function believedUnlessAsked(error: unknown): undefined {
  if (error instanceof DatabaseUnavailable) return undefined;
  throw error;
}

/** A key that was revoked meanwhile is given no more of these: the file lacks its end, and is refused. */
function tellsOfRows({ part }: Part): boolean {
  return part === "rows";
}

async function* startingWith<T>(first: IteratorResult<T>, rest: AsyncIterable<T>): AsyncGenerator<T> {
  if (first.done !== true) yield first.value;
  yield* rest;
}

/** Made as fast as it is taken, and ended with whoever takes it or with the server. A stream that fails breaks off without its end. */
function streamOf(
  file: AsyncIterable<Uint8Array>,
  snapshot: Snapshot,
  { stopping, log }: AdminParts,
): ReadableStream<Uint8Array> {
  const chunks = file[Symbol.asyncIterator]();
  const end = async () => {
    stopping.removeEventListener("abort", onStop);
    await chunks.return?.();
    await snapshot.close();
  };
  // Whoever takes nothing more would otherwise keep the snapshot open.
  const onStop = () => void end();
  stopping.addEventListener("abort", onStop);
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const next = await chunks.next();
        stopping.throwIfAborted();
        if (next.done !== true) return controller.enqueue(next.value);
        await end();
        controller.close();
      } catch (error) {
        log.warn("a backup broke off", { error });
        await end();
        controller.error(error);
      }
    },
    async cancel() {
      log.warn("a backup broke off: nobody takes it any more");
      await end();
    },
  });
}
