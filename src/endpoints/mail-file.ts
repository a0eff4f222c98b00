/** A text that goes with an e-mail as a file. */
export interface MailFile {
  readonly fileName: string;
  /** A media type, such as `text/csv; charset=utf-8`. */
  readonly contentType: string;
  readonly content: string;
}
