import { ok, receive, type Socket } from "./raw-http.ts";

/**
 * Buyers that are asked for bids, told apart by the path. Those under `/hangs/` leave every other request without an answer, those under
 * `/babbles/` answer every other one with what is no HTTP: so they misbehave for ever, and are never left alone by a breaker. The others,
 * and these in between, bid what the path says after its last `/`. `GET /report` says how many connections are open.
 */

let open = 0;
const asked = new Map<string, number>();

function hear(socket: Socket, head: string): void {
  const [, path = ""] = head.split(" ", 2);
  if (path === "/report") return say(socket, { open });
  // Half of them begin well, so that as many misbehave in one auction as in the next.
  const times = asked.get(path) ?? Number(path.split("/")[2]) % 2;
  asked.set(path, times + 1);
  const misbehaves = times % 2 === 0;
  if (misbehaves && path.startsWith("/hangs/")) return;
  if (misbehaves && path.startsWith("/babbles/")) {
    socket.write("220 mail.example ESMTP\r\n");
    return;
  }
  say(socket, { bid_price: path.slice(path.lastIndexOf("/") + 1) });
}

function say(socket: Socket, said: object): void {
  socket.write(ok(said));
}

receive(hear, (change) => {
  open += change;
});
