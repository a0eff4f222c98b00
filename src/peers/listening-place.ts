import { randomBytes } from "node:crypto";
import { createServer, type Server, type Socket } from "node:net";
import { NONCE_BYTES, type SealedFrames, sealedFrames } from "./frames.ts";
import { messageOf, type Numbered, numberedText, type PeerPlace } from "./link.ts";

/** Where other servers ask this one. */
export interface ListeningPlace {
  /** Ends the connections too. */
  close(): Promise<void>;
}

/** Answers what another server asks, as JSON. */
export type AnswerPeer = (question: unknown) => Promise<string>;

/** Listens, and has `answer` answer each question. Who does not have the installation's `key` is cut off with the first thing it says. */
export async function listenAt(
  place: PeerPlace,
  key: Uint8Array,
  answer: AnswerPeer,
): Promise<ListeningPlace> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    converse(socket, key, answer);
  });
  await listening(server, place);
  server.unref();
  return {
    async close() {
      const { promise, resolve } = Promise.withResolvers<void>();
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
      await promise;
    },
  };
}

async function listening(server: Server, place: PeerPlace): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  if ("path" in place) server.listen(place.path, resolve);
  else server.listen(place.port, place.host, resolve);
  await promise;
  server.off("error", reject);
  // A connection that cannot be taken is its caller's loss.
  server.on("error", () => undefined);
}

/** Who has not shown by then that it has the key is a stranger, in ms. */
const FIRST_WITHIN_MS = 5_000;

/** Answers of one turn of the event loop go together. */
function converse(socket: Socket, key: Uint8Array, answer: AnswerPeer): void {
  const nonce = randomBytes(NONCE_BYTES);
  let frames: SealedFrames | undefined;
  let first: Buffer = Buffer.alloc(0);
  let unsent: string[] = [];

  function flush(): void {
    if (frames === undefined || socket.destroyed) return;
    socket.write(frames.seal(messageOf(unsent)));
    unsent = [];
  }

  async function reply([number, question]: Numbered): Promise<void> {
    try {
      const text = await answer(question);
      unsent.push(numberedText(number, text));
      if (unsent.length === 1) setImmediate(flush);
    } catch {
      // It cannot be told how that ended; the other finds out by itself.
      socket.destroy();
    }
  }

  function hear(text: string): void {
    socket.setTimeout(0);
    const asked = JSON.parse(text) as Numbered[];
    // A question for a sign of life.
    if (asked.length === 0) flush();
    for (const each of asked) void reply(each);
  }

  socket.setNoDelay(true);
  socket.setTimeout(FIRST_WITHIN_MS, () => socket.destroy());
  socket.write(nonce);
  socket.on("data", (bytes: Buffer) => {
    try {
      if (frames !== undefined) return frames.open(bytes).forEach(hear);
      first = Buffer.concat([first, bytes]);
      if (first.length < NONCE_BYTES) return;
      frames = sealedFrames(key, { caller: first.subarray(0, NONCE_BYTES), called: nonce }, "called");
      frames.open(first.subarray(NONCE_BYTES)).forEach(hear);
    } catch {
      socket.destroy();
    }
  });
  socket.on("error", () => socket.destroy());
  socket.on("end", () => socket.destroy());
  socket.unref();
}
