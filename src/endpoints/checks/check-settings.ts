import type { RuledAnswer } from "#endpoints/answers/answer-reader.ts";
import { openAnswer } from "#endpoints/answers/answer-reader.ts";
import {
  compileJudgement,
  compileValue,
  type Judgement,
  shortText,
} from "#endpoints/answers/response-rules.ts";
import { type StoredText, shownText } from "#endpoints/credentials/stored-text.ts";
import type { RequestFormat } from "#endpoints/delivery-settings.ts";
import type { Template } from "#endpoints/message/template.ts";
import type { CompleteCheck } from "./check-definition.ts";

/** A check ready to be asked, with its secrets hidden. */
export interface CheckSettings {
  readonly definition: CompleteCheck;
  readonly format: RequestFormat;
  /** Parsed once; null: there is none. */
  readonly template: Template | null;
  /** Reads an answer; never throws. */
  read(answer: RuledAnswer): CheckReading;
}

/** What an answer says: a verdict, and the values that stand in it, at most 200 characters each. */
export interface CheckReading {
  readonly judgement: Judgement;
  readonly values: Readonly<Record<string, string>>;
}

export function compileCheck(definition: CompleteCheck): CheckSettings {
  const judge = compileJudgement(definition.response_rules);
  const readers = Object.entries(definition.values).map(
    ([name, json_path]) => [name, compileValue({ json_path })] as const,
  );
  return {
    definition,
    format: {
      url: shownText(definition.url),
      httpMethod: definition.method,
      format: "json",
      template: definition.template,
      text: null,
      xmlRoot: "",
      headers: withTexts(definition.headers, shownText),
    },
    template: definition.template === null ? null : (JSON.parse(definition.template) as Template),
    read(given) {
      const answer = openAnswer(given);
      const found = readers.flatMap(([name, read]) => {
        const text = shortText(read(answer));
        return text === "" ? [] : [[name, text] as const];
      });
      return { judgement: judge(answer), values: Object.fromEntries(found) };
    },
  };
}

/** Where it is asked, with its secrets: `read` opens them. */
export function openedTarget(
  { url, headers }: CompleteCheck,
  read: (text: StoredText) => string,
): { url: string; headers: Readonly<Record<string, string>> } {
  return { url: read(url), headers: withTexts(headers, read) };
}

function withTexts(
  headers: Readonly<Record<string, StoredText>>,
  read: (text: StoredText) => string,
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, read(text)]));
}
