import type { DocumentProblem } from "./schema-problems.ts";

/** A document that is right in itself, and does not fit what is on record. */
export class RefusedDocument extends Error {
  override readonly name = "RefusedDocument";
  readonly problems: readonly DocumentProblem[];
  constructor(problems: readonly DocumentProblem[]) {
    super("a document does not fit what is on record");
    this.problems = problems;
  }
}
