import { expect, test } from "bun:test";
import { connect } from "node:net";

/**
 * Bun's own HTTP server (1.4.5), which nothing of ours stands before: whatever follows a request in the same segment and is no request
 * ends the connection while the request is still being answered. The manual says what senders do about it; when this test fails, Bun has
 * learned to read over an empty line, as RFC 9112 section 2.2 asks for, and the manual can forget it.
 */
test("a line break behind a body costs its sender the answer, and not the handler its request", async () => {
  const { promise: closed, resolve: close } = Promise.withResolvers<void>();
  const bodies: string[] = [];
  using server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      bodies.push(await request.text());
      await closed;
      return new Response("taken", { status: 201 });
    },
  });
  const { port } = server;
  const said: string[] = [];
  const socket = connect(port ?? 0, "127.0.0.1", () => {
    socket.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello\r\n");
  });
  socket.on("data", (bytes) => void said.push(bytes.toString()));
  socket.on("close", () => close());
  socket.on("error", () => undefined);
  await closed;
  expect(bodies).toEqual(["hello"]);
  expect(said.join("")).not.toContain("201");
});
