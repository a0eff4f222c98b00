/** An answer as it came over the wire. */
export interface WireAnswer {
  readonly httpStatus: number;
  /** The head, in lower case. */
  readonly head: string;
  readonly body: string;
}

/**
 * One connection that is kept alive, with one request on it at a time. Unlike `fetch` it never sends a request again by itself:
 * after a crash it is known which requests went unanswered.
 */
export interface Line {
  /** @throws LineBroken when the connection ends before the answer is there. */
  ask(request: string): Promise<WireAnswer>;
  readonly isOpen: boolean;
  close(): void;
}

export class LineBroken extends Error {
  override readonly name = "LineBroken";
}

/** @throws when nobody listens. */
export async function openLine(port: number): Promise<Line> {
  let isOpen = true;
  let asked: PromiseWithResolvers<WireAnswer> | undefined;
  let received = "";
  let unsent = "";

  function hear(chunk: Buffer): void {
    received += chunk.toString("latin1");
    const answer = wholeAnswer(received);
    if (answer === undefined) return;
    received = "";
    // The answer says that it is the last one: a client that sent another request would race the server's closing.
    if (answer.head.includes("\r\nconnection: close")) isOpen = false;
    const question = asked;
    asked = undefined;
    question?.resolve(answer);
  }

  function lose(): void {
    isOpen = false;
    asked?.reject(new LineBroken());
    asked = undefined;
  }

  function send(socket: Bun.Socket): void {
    const written = socket.write(unsent);
    unsent = unsent.slice(Math.max(0, written));
  }

  const socket = await Bun.connect({
    hostname: "127.0.0.1",
    port,
    socket: { data: (_, chunk) => hear(chunk), drain: send, end: lose, close: lose, error: lose },
  });

  return {
    ask(request) {
      asked = Promise.withResolvers();
      const { promise } = asked;
      unsent = request;
      if (isOpen) send(socket);
      else lose();
      return promise;
    },
    get isOpen() {
      return isOpen;
    },
    close: () => void socket.end(),
  };
}

/** Texts of these tests are ASCII, so a character is a byte. */
function wholeAnswer(received: string): WireAnswer | undefined {
  const headEnds = received.indexOf("\r\n\r\n");
  if (headEnds < 0) return undefined;
  const head = received.slice(0, headEnds).toLowerCase();
  const length = /\r\ncontent-length: (\d+)/.exec(head)?.[1];
  if (length === undefined) throw new Error("an answer has no Content-Length");
  const ends = headEnds + 4 + Number(length);
  if (received.length < ends) return undefined;
  return { httpStatus: Number(received.slice(9, 12)), head, body: received.slice(headEnds + 4, ends) };
}
