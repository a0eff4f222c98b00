import type { RequestContext } from "./context.ts";
import { UNCACHED } from "./reply.ts";

export interface Stream {
  /** Makes the texts one after another, each when the one before was taken; `over` is aborted when nobody wants more. */
  texts(over: AbortSignal): AsyncGenerator<string>;
  headers: Readonly<Record<string, string>>;
  /** Aborted when the server stops. */
  stopping: AbortSignal;
  /** What the server's stop does to it: `break`, so that nobody takes what is cut short for the whole, or `end` to what has no end. */
  whenStopped: "break" | "end";
}

/** An answer that is written as it is made, no faster than it is read, and that ends when its reader goes away. */
export function streamReply(
  context: RequestContext,
  { texts, headers, stopping, whenStopped }: Stream,
): Response {
  const encoder = new TextEncoder();
  const gone = new AbortController();
  const over = AbortSignal.any([stopping, gone.signal]);
  const source = texts(over);
  let stop: (() => void) | undefined;

  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        stop = () => {
          if (whenStopped === "end") controller.close();
          else controller.error(new Error("the server stops"));
        };
        stopping.addEventListener("abort", stop, { once: true });
      },
      async pull(controller) {
        try {
          const { value, done } = await source.next();
          if (over.aborted) return;
          if (done === true) {
            forget();
            controller.close();
          } else controller.enqueue(encoder.encode(value));
        } catch (error) {
          forget();
          if (!over.aborted) controller.error(error);
        }
      },
      async cancel() {
        forget();
        gone.abort();
        await source.return(undefined);
      },
    },
    // Nothing is made before it is asked for: what waits in the connection's own buffer is enough.
    { highWaterMark: 0 },
  );

  function forget(): void {
    if (stop !== undefined) stopping.removeEventListener("abort", stop);
  }

  return new Response(body, { headers: { ...UNCACHED, ...headers, "x-request-id": context.id } });
}
