import type { CodeBlock } from "#api-docs/site/code.ts";
import go from "#portal/verification/verify.go" with { type: "text" };
import java from "#portal/verification/verify.java" with { type: "text" };
// It is imported as text.
// oxlint-disable-next-line import/default
import javascript from "#portal/verification/verify.js" with { type: "text" };
import php from "#portal/verification/verify.php" with { type: "text" };
import python from "#portal/verification/verify.py" with { type: "text" };

/** How a receiver tells what is ours, in the languages that buyers most use. Each is a file of its own, and is tested. */
export const snippets: readonly Required<CodeBlock>[] = [
  { label: "JavaScript", language: "javascript", source: javascript },
  { label: "Python", language: "python", source: python },
  { label: "PHP", language: "php", source: php },
  { label: "Java", language: "java", source: java },
  { label: "Go", language: "go", source: go },
];
