import { createServer, connect as dial, type Socket } from "node:net";

/** Stands between a client and Postgres and misbehaves on command. */
export interface PostgresProxy {
  readonly url: string;
  /** Keeps what the server answers from now on, on every connection, until `release`. */
  hold(): void;
  release(): void;
  /** Resolves when everything that `texts` names has been sent by clients since `hold`. */
  sent(...texts: string[]): Promise<void>;
  /**
   * What happens to the next message that contains `text`, once. `drop`: the connection is cut and the message never arrives.
   * `swallow`: it arrives, the answer to it doesn't, the connection is cut. `stall`: it arrives, and nothing comes back any more.
   * `lose`: it never arrives, and only the client's end is cut: the server waits for it.
   */
  once(text: string, fault: Fault): void;
  close(): void;
}

type Fault = "drop" | "swallow" | "stall" | "lose";

export async function startProxy(target: string): Promise<PostgresProxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let held: (() => void)[] | undefined;
  let transcript = "";
  let waiting = () => {};
  let planned: { text: string; fault: Fault } | undefined;

  const server = createServer((client) => {
    const upstream = dial(Number(port), hostname);
    let fault: Fault | undefined;
    const cut = () => {
      client.destroy();
      if (fault !== "lose") upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", cut);
      socket.on("close", cut);
    }
    client.on("data", (bytes) => {
      const text = bytes.toString("latin1");
      transcript += text;
      if (planned !== undefined && text.includes(planned.text)) {
        fault = planned.fault;
        planned = undefined;
      }
      if (fault === "drop" || fault === "lose") cut();
      else upstream.write(bytes);
      waiting();
    });
    upstream.on("data", (bytes) => {
      if (fault === "stall") return;
      if (fault === "swallow") cut();
      else if (held === undefined) client.write(bytes);
      else held.push(() => client.write(bytes));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the proxy has no port");
  const url = new URL(target);
  url.host = `127.0.0.1:${address.port}`;

  return {
    url: url.href,
    hold() {
      held = [];
      transcript = "";
    },
    release() {
      const answers = held ?? [];
      held = undefined;
      for (const answer of answers) answer();
    },
    sent: (...texts) =>
      new Promise((resolve) => {
        waiting = () => {
          if (texts.every((text) => transcript.includes(text))) resolve();
        };
        waiting();
      }),
    once(text, fault) {
      planned = { text, fault };
    },
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
