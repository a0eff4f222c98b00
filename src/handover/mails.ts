import type { Queryable } from "#database/database.ts";

/** An e-mail to one address of the operators', with a file. */
export interface OperatorMail {
  to: string;
  /** What it is about, as deliveries are listed by. */
  event: string;
  /** One line. */
  subject: string;
  html: string;
  file: { fileName: string; contentType: string; content: string };
}

/** Where e-mails to operators are left, to be sent as all else is: with retries, and on record. */
export interface Mails {
  /** Writes them in the transaction; resolves with what to call once it is committed. */
  mail(tx: Queryable, mails: readonly OperatorMail[], now: Date): Promise<() => void>;
}
