import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";
import type { Clock } from "#time/clock.ts";
import { NONCE_BYTES, type SealedFrames, sealedFrames } from "./frames.ts";

/** Where a server is asked: a socket of this machine, or a host and port. */
export type PeerPlace = { path: string } | { host: string; port: number };

/** A question, or its answer, under the number that the caller gave it. */
export type Numbered = readonly [number: number, said: unknown];

/** Questions or answers, each a JSON text that is not quoted in another, as one message. */
export function messageOf(numbered: readonly string[]): string {
  return `[${numbered.join()}]`;
}

/** One of them. `json` is what is said. */
export function numberedText(number: number, json: string): string {
  return `[${number},${json}]`;
}

/** One connection that is kept, over which another server is asked; made when it is needed. */
export interface Link {
  /**
   * What the other answers, parsed; the time of that is its own matter while it lives. `question` is JSON.
   *
   * @throws LinkLost
   */
  ask(question: string): Promise<unknown>;
  close(): void;
}

/** The other server does not answer. */
export class LinkLost extends Error {
  override readonly name = "LinkLost";
  /** Whether the question may have come to it. */
  readonly wasSent: boolean;
  constructor(wasSent: boolean) {
    super("The other server does not answer.");
    this.wasSent = wasSent;
  }
}

/** How long connecting may take, how often it is asked for a sign of life while it owes answers, and how long it may give none, in ms. */
const CONNECT_WITHIN_MS = 1_000;
const LOOK_EVERY_MS = 1_000;
const SILENT_MS = 3_000;

/** No question: who hears it gives a sign of life. Each side begins with it, and so shows that it has the key. */
const NOTHING = "[]";

interface Asked {
  resolve(answer: unknown): void;
  reject(error: LinkLost): void;
}

/** Whether it is certain that nobody listens there; not so of who does not answer in time. */
export async function isGone(place: PeerPlace, clock: Pick<Clock, "after">): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = socketTo(place);
  const cancel = clock.after(CONNECT_WITHIN_MS, () => resolve(false));
  socket.on("connect", () => resolve(false));
  socket.on("error", ({ code = "" }: NodeJS.ErrnoException) => resolve(NOBODY.includes(code)));
  const found = await promise;
  cancel();
  socket.destroy();
  return found;
}

/** What the system says where nobody listens: at a port, and at a socket that is left over or gone. */
const NOBODY = ["ECONNREFUSED", "ENOENT"];

function socketTo(place: PeerPlace): Socket {
  return "path" in place ? connect(place.path) : connect(place.port, place.host);
}

/** `key` is the installation's. Questions of one turn of the event loop go together. */
export function openLink(place: PeerPlace, key: Uint8Array, clock: Pick<Clock, "after" | "elapsedMs">): Link {
  const asked = new Map<number, Asked>();
  let unsent: string[] = [];
  /** The number of the first of those that are not sent yet. */
  let unsentFrom = 0;
  let session: { socket: Socket; frames: SealedFrames | undefined } | undefined;
  let next = 0;
  let heardAt = 0;
  let isWatched = false;
  let end = () => {};

  function flush(): void {
    if (unsent.length === 0 || session?.frames === undefined) return;
    session.socket.write(session.frames.seal(messageOf(unsent)));
    unsent = [];
    unsentFrom = next;
  }

  function begin(): void {
    const nonce = randomBytes(NONCE_BYTES);
    const socket = socketTo(place);
    const own = { socket, frames: undefined as SealedFrames | undefined };
    let first: Buffer = Buffer.alloc(0);
    session = own;
    end = () => lose();
    const lose = () => {
      socket.destroy();
      if (session !== own) return;
      session = undefined;
      fail();
    };
    const tooLate = clock.after(CONNECT_WITHIN_MS, () => void (own.frames === undefined && lose()));
    socket.setNoDelay(true);
    socket.on("connect", () => socket.write(nonce));
    socket.on("data", (bytes: Buffer) => {
      heardAt = clock.elapsedMs();
      try {
        if (own.frames !== undefined) return own.frames.open(bytes).forEach(hear);
        first = Buffer.concat([first, bytes]);
        if (first.length < NONCE_BYTES) return;
        tooLate();
        own.frames = sealedFrames(key, { caller: nonce, called: first.subarray(0, NONCE_BYTES) }, "caller");
        socket.write(own.frames.seal(NOTHING));
        own.frames.open(first.subarray(NONCE_BYTES)).forEach(hear);
        flush();
      } catch {
        lose();
      }
    });
    for (const event of ["error", "close", "end"]) socket.on(event, lose);
    socket.unref();
  }

  /** While answers are owed, has the other give a sign of life. */
  function watch(): void {
    isWatched = asked.size > 0;
    if (!isWatched) return;
    if (clock.elapsedMs() - heardAt >= SILENT_MS) end();
    else if (session?.frames !== undefined) session.socket.write(session.frames.seal(NOTHING));
    clock.after(LOOK_EVERY_MS, watch);
  }

  function hear(text: string): void {
    for (const [number, answer] of JSON.parse(text) as Numbered[]) {
      asked.get(number)?.resolve(answer);
      asked.delete(number);
    }
  }

  function fail(): void {
    for (const [number, { reject }] of asked) reject(new LinkLost(number < unsentFrom));
    unsent = [];
    unsentFrom = next;
    asked.clear();
  }

  return {
    ask(question) {
      const { promise, resolve, reject } = Promise.withResolvers<unknown>();
      const number = next++;
      if (asked.size === 0) heardAt = clock.elapsedMs();
      if (!isWatched) clock.after(LOOK_EVERY_MS, watch);
      isWatched = true;
      asked.set(number, { resolve, reject });
      unsent.push(numberedText(number, question));
      if (session === undefined) begin();
      else if (unsent.length === 1) setImmediate(flush);
      return promise;
    },
    close: () => end(),
  };
}
