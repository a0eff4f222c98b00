import go from "#portal/verification/verify.go" with { type: "text" };
import java from "#portal/verification/verify.java" with { type: "text" };
// It is imported as text.
// oxlint-disable-next-line import/default
import javascript from "#portal/verification/verify.js" with { type: "text" };
import php from "#portal/verification/verify.php" with { type: "text" };
import python from "#portal/verification/verify.py" with { type: "text" };

/** How a receiver tells what is ours, in the languages that buyers most use. Each is a file of its own, and is tested. */
export const snippets: readonly { language: string; source: string }[] = [
  { language: "JavaScript", source: javascript },
  { language: "Python", source: python },
  { language: "PHP", source: php },
  { language: "Java", source: java },
  { language: "Go", source: go },
];
