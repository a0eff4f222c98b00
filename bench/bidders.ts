/**
 * Buyers that are asked for bids, told apart by the path. Those under `/hangs/` leave every other request without an answer, those under
 * `/babbles/` answer every other one with what is no HTTP: so they misbehave for ever, and are never left alone by a breaker. The others,
 * and these in between, bid what the path says after its last `/`. `GET /report` says how many connections are open.
 */

interface Caller {
  partial: Buffer | undefined;
}

let open = 0;
const asked = new Map<string, number>();

function hear(socket: Bun.Socket<Caller>, chunk: Buffer): void {
  const { partial } = socket.data;
  const request = partial === undefined ? chunk : Buffer.concat([partial, chunk]);
  const headEnds = request.indexOf("\r\n\r\n");
  const head = headEnds < 0 ? "" : request.toString("latin1", 0, headEnds);
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
  const isWhole = headEnds >= 0 && request.length >= headEnds + 4 + length;
  socket.data.partial = isWhole ? undefined : Buffer.from(request);
  if (!isWhole) return;
  const [, path = ""] = head.split(" ", 2);
  if (path === "/report") return answer(socket, { open });
  // Half of them begin well, so that as many misbehave in one auction as in the next.
  const times = asked.get(path) ?? Number(path.split("/")[2]) % 2;
  asked.set(path, times + 1);
  const misbehaves = times % 2 === 0;
  if (misbehaves && path.startsWith("/hangs/")) return;
  if (misbehaves && path.startsWith("/babbles/")) {
    socket.write("220 mail.example ESMTP\r\n");
    return;
  }
  answer(socket, { bid_price: path.slice(path.lastIndexOf("/") + 1) });
}

function answer(socket: Bun.Socket<Caller>, said: object): void {
  const body = JSON.stringify(said);
  socket.write(
    `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
}

const { port } = Bun.listen<Caller>({
  hostname: "127.0.0.1",
  port: 0,
  socket: {
    open(socket) {
      open += 1;
      socket.data = { partial: undefined };
    },
    close() {
      open -= 1;
    },
    data: hear,
  },
});
console.log(JSON.stringify({ port }));
