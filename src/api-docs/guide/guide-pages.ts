import {
  answerExamples,
  namedAnswer,
  type ReferencedRoute,
  requestExample,
} from "#api-docs/reference/example-call.ts";
import { codeTabs } from "#api-docs/site/code.ts";
import { splitSection } from "#api-docs/site/html.ts";
import { markdownHtml } from "#api-docs/site/markdown.ts";
import { GUIDE_LINKS } from "#api-docs/site/navigation.ts";
import { LANGUAGES } from "#api-docs/site/request-code.ts";
import batches from "./batches.md" with { type: "text" };
import errors from "./errors.md" with { type: "text" };
import lookUp from "./look-up.md" with { type: "text" };
import pingPost from "./ping-post.md" with { type: "text" };
import postingUrls from "./posting-urls.md" with { type: "text" };
import retries from "./retries.md" with { type: "text" };
import { retryCode } from "./retry-code.ts";
import start from "./start.md" with { type: "text" };

type GuideName = (typeof GUIDE_LINKS)[number]["name"];

const TEXTS: Readonly<Record<GuideName, string>> = {
  start,
  errors,
  retries,
  "look-up": lookUp,
  "ping-post": pingPost,
  batches,
  "posting-urls": postingUrls,
};

/** A page of the guide; undefined when there is none of that name. */
export function guideNamed(name: string): { title: string; path: string; text: string } | undefined {
  const link = GUIDE_LINKS.find((each) => each.name === name);
  return link && { ...link, text: TEXTS[link.name] };
}

/**
 * A page of the guide as HTML: each section beside its examples, which a comment such as `<!-- call ingestLead accepted -->` asks for. They
 * are the API document's own, and so are tested with it.
 */
export function guideBody(text: string, routes: readonly ReferencedRoute[]): string {
  const [opening = "", ...sections] = text.split(/^(?=## )/m);
  return markdownHtml(opening) + sections.map((section) => sectionHtml(section, routes)).join("");
}

function sectionHtml(section: string, routes: readonly ReferencedRoute[]): string {
  const asked = Array.from(section.matchAll(DIRECTIVE), ([, kind = "", rest = ""]) =>
    exampleHtml(kind, rest.trim().split(" "), routes),
  );
  return splitSection(markdownHtml(section.replaceAll(DIRECTIVE, "")), asked.join(""));
}

const DIRECTIVE = /^<!-- (\w+)(.*) -->\n/gm;

function exampleHtml(
  kind: string,
  [operation = "", name = "", ...rest]: readonly string[],
  routes: readonly ReferencedRoute[],
): string {
  const of = (id: string) => {
    const found = routes.find(({ words }) => words.operation === id);
    if (found === undefined) throw new Error(`there is no operation ${id}`);
    return found;
  };
  switch (kind) {
    case "call": {
      const [answering = operation, answer = name] =
        rest[0] === "=" ? rest.slice(1) : [operation, rest[0] ?? name];
      const hasCall = of(operation).words.calls?.[name] !== undefined;
      return requestExample(of(operation), hasCall ? name : null) + namedAnswer(of(answering), answer);
    }
    case "answer":
      return namedAnswer(of(operation), name);
    case "answers":
      return answerExamples(of(operation), [name, ...rest].map(Number));
    case "idempotent":
      return (
        requestExample(of(operation), name, { "idempotency-key": "lead-2026-4711" }) +
        namedAnswer(of(operation), name)
      );
    case "retrying":
      return codeTabs(retryCode(), "Trying again", LANGUAGES);
    default:
      throw new Error(`${kind} is no kind of example`);
  }
}
