import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { SMTPServer } from "smtp-server";

interface Mail {
  readonly to: string[];
  readonly text: string;
}

/** A mail server on this machine. It takes what comes, or answers with `refusal`. */
export interface MailServer {
  readonly url: string;
  readonly taken: Mail[];
  refusal: { code: number; times: number } | null;
  close(): void;
}

export async function startMailServer(): Promise<MailServer> {
  const taken: Mail[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disableReverseLookup: true,
    disabledCommands: ["STARTTLS"],
    logger: false,
    onRcptTo(_address, _session, done) {
      const refusal = mailServer.refusal;
      if (refusal === null || refusal.times === 0) return done();
      refusal.times -= 1;
      done(Object.assign(new Error("Not now"), { responseCode: refusal.code }));
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        const to = session.envelope.rcptTo.map(({ address }) => address);
        taken.push({ to, text: Buffer.concat(chunks).toString("utf8") });
        done(null);
      });
    },
  });
  server.listen(0, "127.0.0.1");
  await once(server.server, "listening");
  const { port } = server.server.address() as AddressInfo;
  const mailServer: MailServer = {
    url: `smtp://127.0.0.1:${port}`,
    taken,
    refusal: null,
    close: () => server.close(),
  };
  return mailServer;
}
