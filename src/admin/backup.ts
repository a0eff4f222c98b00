import { Elysia } from "elysia";
import { dump, NewerSchema } from "#backup/dump.ts";
import { asFile } from "#backup/file.ts";
import { secretFingerprint } from "#backup/part.ts";
import { DatabaseRefused, type Snapshot } from "#database/database.ts";
import { errorReply, requestIdOf } from "#http/reply.ts";
import { version } from "../../package.json" with { type: "json" };
import { describedAs } from "./described.ts";
import type { AdminContext } from "./operator.ts";

/** The whole database as it is at one moment, while leads go on. */
export function backupRoutes(context: AdminContext) {
  return new Elysia({ prefix: "/api/v1/admin/backup" }).get(
    "",
    ({ request, server }) => {
      // Copying the files of an embedded database may take longer than a connection may otherwise be silent.
      server?.timeout(request, 0);
      return backUp(request, context);
    },
    describedAs("backUp", "Everything in the database, as one file", "admin"),
  );
}

async function backUp(request: Request, context: AdminContext): Promise<Response> {
  const requestId = requestIdOf(request);
  let snapshot: Snapshot;
  try {
    snapshot = await context.database.snapshot();
  } catch (error) {
    if (error instanceof DatabaseRefused) return errorReply("conflict", error.message, requestId);
    throw error;
  }
  const madeAt = context.now().toISOString();
  const parts = dump(snapshot, {
    version,
    madeAt,
    database: context.database.kind,
    secretFingerprint: secretFingerprint(context.secretKey),
  });
  try {
    // Asked for here, so that a refusal can still be said in words.
    const header = await parts.next();
    const file = asFile(startingWith(header, parts));
    return new Response(streamOf(file, snapshot, context), {
      headers: {
        "content-type": "application/gzip",
        "content-disposition": `attachment; filename="leadgate-${madeAt.slice(0, 19).replaceAll(":", "")}.backup"`,
        "cache-control": "no-store",
        "x-request-id": requestId,
      },
    });
  } catch (error) {
    await snapshot.close();
    if (error instanceof NewerSchema) return errorReply("conflict", error.message, requestId);
    throw error;
  }
}

async function* startingWith<T>(first: IteratorResult<T>, rest: AsyncIterable<T>): AsyncGenerator<T> {
  if (first.done !== true) yield first.value;
  yield* rest;
}

/** Made as fast as it is taken, and ended with whoever takes it or with the server. A stream that fails breaks off without its end. */
function streamOf(
  file: AsyncIterable<Uint8Array>,
  snapshot: Snapshot,
  { stopping, log }: AdminContext,
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
    cancel: end,
  });
}
