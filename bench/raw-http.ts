/** As much of an HTTP server as a receiver of the bench needs: next to nothing, so that it is no bottleneck. */

interface Caller {
  partial: Buffer | undefined;
}

export type Socket = Bun.Socket<Caller>;

/** Listens on any free port, prints it, and hands over the head of each request once it is all there. */
export function receive(
  answered: (socket: Socket, head: string) => void,
  connections: (change: 1 | -1) => void = () => undefined,
): void {
  const { port } = Bun.listen<Caller>({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      open(socket) {
        connections(1);
        socket.data = { partial: undefined };
      },
      close: () => connections(-1),
      data(socket, chunk) {
        const { partial } = socket.data;
        const request = partial === undefined ? chunk : Buffer.concat([partial, chunk]);
        const headEnds = request.indexOf("\r\n\r\n");
        const head = headEnds < 0 ? "" : request.toString("latin1", 0, headEnds);
        const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
        const isWhole = headEnds >= 0 && request.length >= headEnds + 4 + length;
        socket.data.partial = isWhole ? undefined : Buffer.from(request);
        if (isWhole) answered(socket, head);
      },
    },
  });
  console.log(JSON.stringify({ port }));
}

/** A 200 with this as JSON. */
export function ok(said: object): string {
  const body = JSON.stringify(said);
  return `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
}
