import { asks, says, type View } from "#cli/command/asking.ts";
import type { Work } from "#cli/command/command.ts";
import type { Mapping } from "#text/problem.ts";

/** The options of commands about those who are sent deliveries. */
export const RECIPIENT_OPTIONS = {
  "--since TIME":
    "with recover: what was written from this day (in UTC) or time on, such as 2030-01-31T00:00:00Z",
  "--until TIME": "with recover: and up to the end of this day, or before this time",
  "--overlap SECONDS": "with secret: how long the one before signs too; a day unless said otherwise",
} as const;

type AgainLine<Word extends string> = `resume ${Word}` | `recover ${Word} --since TIME [--until TIME]`;
type SignedLine<Word extends string> = `test ${Word}` | `secret ${Word} [--overlap SECONDS]`;

/** What sends again. */
export function againForms<Word extends string>(
  path: string,
  word: Word,
): Record<AgainLine<Word>, Work<Mapping>> {
  return {
    [`resume ${word}`]: asks(
      `POST /${path}/${word}/resume`,
      "send to an endpoint again that is paused",
      resumed,
    ),
    [`recover ${word} --since TIME [--until TIME]`]: asks(
      `POST /${path}/${word}/recover`,
      "send again what did not arrive",
      recovered,
      { takesDays: true },
    ),
  } as Record<AgainLine<Word>, Work<Mapping>>;
}

/** What those have whose deliveries are signed. */
export function signedForms<Word extends string>(
  path: string,
  word: Word,
): Record<SignedLine<Word>, Work<Mapping>> {
  return {
    [`test ${word}`]: asks(`POST /${path}/${word}/test`, "send it a test", tested),
    [`secret ${word} [--overlap SECONDS]`]: asks(
      `POST /${path}/${word}/secret`,
      "make or rotate its signing secret, shown this once",
      says(({ body }) => String(body.secret)),
      { names: { overlap: "overlap_seconds" }, numbers: ["overlap"] },
    ),
  } as Record<SignedLine<Word>, Work<Mapping>>;
}

const tested = says(
  ({ data }) => `The test is due. What comes of it: leadgate deliveries show ${String(data.id)}`,
);

const resumed = says(({ data }) => `Deliveries that are due now: ${String(data.resumed)}.`);

const recovered: View = ({ data }) => {
  const more = data.complete === true ? "" : " There may be more: do it again.";
  return `Deliveries that are due now: ${String(data.recovered)}.${more}\n`;
};
