// The embedded database's own thread. PGlite answers synchronously: in the main thread, a report that takes a second
// would keep every request waiting for a second.
import { PGlite } from "@electric-sql/pglite";
import { prepareDirectory } from "./data-directory.ts";
import { DurableFiles, durableStartParams } from "./durable-files.ts";
import type { EngineAnswer, EngineOrder, OpeningOrder } from "./engine.ts";
import { pgliteFiles } from "./pglite-files.ts";
import { compiledInTemplate, makeTemplate } from "./template.ts";

declare const self: Worker;

let database: PGlite | undefined;

self.onmessage = async ({ data: order }: MessageEvent<EngineOrder>) => {
  try {
    if (order instanceof Uint8Array) await relay(order);
    else if (order.order === "open") await open(order);
    else await close();
  } catch (error) {
    say({ failed: error instanceof Error ? error.message : String(error) });
  }
};

async function open({ directory, template, modules }: OpeningOrder): Promise<void> {
  await prepareDirectory(directory, async () =>
    template === undefined
      ? ((await compiledInTemplate()) ?? (await makeTemplate(modules)))
      : Bun.file(template).bytes(),
  );
  database = await PGlite.create({
    fs: new DurableFiles(directory),
    // Half the memory at rest of the 128 MB that is the default.
    startParams: [...durableStartParams, "-c", "shared_buffers=16MB"],
    ...pgliteFiles(modules),
  });
  say("opened");
}

/** Hands whole messages of Postgres' own protocol to the database, and its answers back. */
async function relay(messages: Uint8Array): Promise<void> {
  if (database === undefined) throw new Error("The embedded database is not open");
  const answers: Uint8Array[] = [];
  await database.execProtocolRawStream(messages, {
    syncToFs: false,
    onRawData: (bytes) => void answers.push(bytes.slice()),
  });
  say(Bun.concatArrayBuffers(answers, Number.POSITIVE_INFINITY, true));
}

async function close(): Promise<void> {
  await database?.close();
  say("closed");
}

function say(answer: EngineAnswer): void {
  self.postMessage(answer, answer instanceof Uint8Array ? [answer.buffer as ArrayBuffer] : []);
}
