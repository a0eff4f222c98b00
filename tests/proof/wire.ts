import { createServer, connect as dial, type Socket } from "node:net";

/**
 * What a wire does with what passes over it. `slow`: each piece comes late; `sliced`: in pieces of a few bytes; `half-open`: nothing passes
 * any more either way, and nobody is told; `reset`: each connection is reset by what passes over it next.
 */
export type Manner = "fine" | "slow" | "sliced" | "half-open" | "reset";

/** A wire of TCP between those who dial its port and its target. */
export interface Wire extends AsyncDisposable {
  readonly port: number;
  behave(manner: Manner): void;
}

const LATE_MS = 40;
/** Bytes of a slice. */
const SLICE = 7;
/** What is cut into slices of each piece, in bytes: the rest comes whole, or a large answer took minutes. */
const SLICED = 2_000;

export async function openWire(target: { host: string; port: number }, random: () => number): Promise<Wire> {
  const sockets = new Set<Socket>();
  let manner: Manner = "fine";
  const server = createServer((client) => {
    const upstream = dial(target.port, target.host);
    const cut = () => {
      // Half open, neither side is told that the other one is gone.
      if (manner === "half-open") return;
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on("error", cut);
      socket.on("close", () => {
        sockets.delete(socket);
        cut();
      });
    }
    carry(client, upstream);
    carry(upstream, client);
  });

  /** Takes what comes from one to the other, each piece after the one before. */
  function carry(from: Socket, to: Socket): void {
    let before = Promise.resolve();
    from.on("data", (piece) => {
      before = before.then(() => pass(Buffer.from(piece), from, to));
    });
  }

  async function pass(piece: Buffer, from: Socket, to: Socket): Promise<void> {
    switch (manner) {
      case "fine":
        to.write(piece);
        return;
      case "slow":
        await Bun.sleep(LATE_MS * random());
        to.write(piece);
        return;
      case "sliced":
        for (let at = 0; at < Math.min(SLICED, piece.length); at += SLICE) {
          to.write(piece.subarray(at, Math.min(at + SLICE, SLICED)));
          if (random() < 0.1) await Bun.sleep(0);
        }
        to.write(piece.subarray(SLICED));
        return;
      case "half-open":
        return;
      case "reset":
        from.resetAndDestroy();
        to.resetAndDestroy();
    }
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the wire has no port");
  return {
    port: address.port,
    behave(next) {
      // What was on a wire that was half open is lost, so its connections end; both ends learn it now at the latest.
      if (manner === "half-open" && next !== "half-open") for (const socket of sockets) socket.destroy();
      manner = next;
    },
    async [Symbol.asyncDispose]() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
