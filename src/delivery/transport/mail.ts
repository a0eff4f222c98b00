import { createTransport, type NodemailerError } from "nodemailer";
import { MAX_ANSWER_BYTES } from "#endpoints/answers/answer-reader.ts";
import type { MailFile } from "#endpoints/mail-file.ts";
import type { Clock } from "#time/clock.ts";
import { type Attempt, decodeBody, type NoAnswer, noAnswer } from "./answer.ts";
import type { TransportFailure } from "./failure.ts";

export interface OutgoingMail {
  /** The same on every attempt; it becomes the Message-ID, by which a mailbox can tell a repeated message. */
  readonly id: string;
  /** Addresses, without names. */
  readonly to: readonly string[];
  readonly subject: string;
  readonly body: string;
  readonly format: "text" | "html";
  /** The same in the other form, for mail programs that show only that. */
  readonly alternative?: string | undefined;
  /** One address. */
  readonly replyTo?: string | undefined;
  readonly file?: MailFile | undefined;
  /** For all of it, from looking the mail server up to its last reply, in ms. */
  readonly timeoutMs: number;
  /** Breaks the attempt off: it ends as `interrupted`. */
  readonly signal?: AbortSignal;
}

export interface Mailer {
  /**
   * Hands one message to the mail server, on a connection of its own. Always resolves: as answered with the server's reply when it
   * has taken the message for at least one of the recipients (asking again would repeat it for that one), else with a named failure.
   */
  send(mail: OutgoingMail): Promise<Attempt>;
  /** Whether the mail server takes us in, with our password, within `timeoutMs`. Nothing is sent. */
  answers(timeoutMs: number): Promise<boolean>;
}

export interface MailerParts {
  readonly clock: Clock;
  /** `smtp://` or `smtps://`, with user and password in it where the server asks for them. */
  readonly url: string;
  /** Sender, `a@b.example` or `Name <a@b.example>`. */
  readonly from: string;
  /** Certificate authorities to trust, in PEM; those built in when absent. */
  readonly authorities?: readonly string[];
}

/**
 * A mailer over SMTP. TLS is used wherever the server offers it and is then verified; a server that is given a password must offer it.
 * The server is the operator's own, so that it may have a private address.
 */
export function createMailer({ clock, url, from, authorities }: MailerParts): Mailer {
  const transport = createTransport({
    url,
    requireTLS: URL.parse(url)?.username !== "",
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(authorities ? { tls: { ca: [...authorities] } } : {}),
  });
  const domain = /@([^@>\s]+)>?\s*$/.exec(from)?.[1] ?? "localhost";

  return {
    async send(mail) {
      const startedAt = clock.now();
      const began = clock.elapsedMs();
      const overdue = AbortSignal.timeout(mail.timeoutMs);
      const signals = mail.signal ? [overdue, mail.signal] : [overdue];
      const result = await transport
        .sendMail({
          from,
          to: mail.to.map((address) => ({ name: "", address })),
          subject: mail.subject,
          [mail.format]: mail.body,
          ...(mail.alternative !== undefined && {
            [mail.format === "text" ? "html" : "text"]: mail.alternative,
          }),
          ...(mail.replyTo !== undefined && { replyTo: { name: "", address: mail.replyTo } }),
          attachments: mail.file === undefined ? [] : [attachmentOf(mail.file)],
          messageId: `<${mail.id}@${domain}>`,
          // So that out-of-office replies are not sent to it (RFC 3834).
          headers: { "auto-submitted": "auto-generated" },
          signal: AbortSignal.any(signals),
        })
        .then(
          ({ response }) => acceptedMail(response),
          (error: NodemailerError) => {
            if (mail.signal?.aborted) return noAnswer("interrupted");
            return overdue.aborted ? noAnswer("timeout") : refusedMail(error);
          },
        );
      return { startedAt, durationMs: clock.elapsedMs() - began, result };
    },
    async answers(timeoutMs) {
      const { promise: tooLate, resolve } = Promise.withResolvers<boolean>();
      const timer = setTimeout(() => resolve(false), timeoutMs);
      const verified = transport.verify().then(
        () => true,
        () => false,
      );
      return await Promise.race([verified, tooLate]).finally(() => clearTimeout(timer));
    },
  };
}

function attachmentOf({ fileName, contentType, content }: MailFile) {
  return { filename: fileName, contentType, content };
}

function acceptedMail(reply: string): Attempt["result"] {
  return {
    kind: "answered",
    status: Number(/^\d{3}/.exec(reply)?.[0] ?? 250),
    contentType: null,
    retryAfterSeconds: null,
    body: decodeBody(Buffer.from(reply).subarray(0, MAX_ANSWER_BYTES), {
      contentType: null,
      contentEncoding: null,
    }),
    truncated: Buffer.byteLength(reply) > MAX_ANSWER_BYTES,
  };
}

/**
 * "Never" is only what the server says of this message or its recipients. A server that won't talk to us at all, because of our
 * password say, will when the operator has set that right: the message can wait.
 */
function refusedMail({ code, syscall, command = "", responseCode: status }: NodemailerError): NoAnswer {
  if (status !== undefined && status >= 400) {
    const isAboutTheMessage = /^(MAIL|RCPT|DATA)/.test(command);
    const kind = status >= 500 && isAboutTheMessage ? "mail_refused" : "mail_deferred";
    return { kind: "failed", failure: { kind, status }, status };
  }
  return noAnswer(socketFailure(code ?? "", syscall));
}

function socketFailure(code: string, syscall: string | undefined): TransportFailure {
  switch (code) {
    // An address that no mail server would be asked about.
    case "EENVELOPE":
      return "refused_address";
    case "EDNS":
      return "dns_failure";
    case "ETLS":
      return "tls_failure";
    case "ETIMEDOUT":
      return "timeout";
    case "EPROTOCOL":
      return "bad_answer";
    case "ESOCKET":
      // What a socket reports without a system call is a certificate, or no TLS at all.
      if (syscall === undefined) return "tls_failure";
      return syscall === "connect" ? "connect_failed" : "reset";
    default:
      return "reset";
  }
}
