import type { ConditionDefinition, Outcome, ResponseRule } from "#endpoints/answers/response-rules.ts";

/** When a response rule fits, as a clause: "the status is 2xx and the body matches `OK`". */
export function conditionInWords({ when }: ResponseRule): string {
  return [when].flat().flatMap(clauses).join(" and ") || "whatever you answer";
}

/** What an outcome means for the buyer that answers so. */
export const OUTCOME_WORDS: Readonly<Record<Outcome, string>> = {
  accepted: "the lead is yours",
  rejected: "you do not want the lead",
  duplicate: "you have the lead already",
  error: "it is sent again later",
};

function clauses(condition: ConditionDefinition): string[] {
  const { status } = condition;
  const asked = status === undefined ? [] : [`the status is ${listed([status].flat().map(String))}`];
  if (isPlainPattern(condition)) {
    return [
      ...asked,
      `the body ${condition.exists === false ? "does not match" : "matches"} \`${condition.regex}\``,
    ];
  }
  const place = placeInWords(condition);
  return place === undefined ? asked : [...asked, `${place} ${comparisonInWords(condition)}`];
}

/** A pattern of which only is asked whether it is there. */
function isPlainPattern({ regex, equals, in: among, matches }: ConditionDefinition): boolean {
  return regex !== undefined && equals === undefined && among === undefined && matches === undefined;
}

function placeInWords({ json_path, xpath, regex }: ConditionDefinition): string | undefined {
  if (json_path !== undefined) return `\`${json_path}\``;
  if (xpath !== undefined) return `\`${xpath}\``;
  return regex === undefined ? undefined : `what \`${regex}\` finds in the body`;
}

function comparisonInWords({ equals, in: among, matches, exists = true }: ConditionDefinition): string {
  if (matches !== undefined) return `matches \`${matches}\``;
  if (among !== undefined) return `is ${listed(among.map((each) => `\`${each}\``))}`;
  if (equals !== undefined) return `is \`${equals}\``;
  return exists ? "is there" : "is not there";
}

function listed(words: readonly string[]): string {
  const last = words.at(-1) ?? "";
  return words.length < 2 ? last : `${words.slice(0, -1).join(", ")} or ${last}`;
}

/** `5 s`, `30 min`, `2 h`, `3 days`: each in its largest unit that says it exactly. */
export function waitInWords(seconds: number): string {
  const [size, unit] = UNITS.find(([each]) => seconds >= each && seconds % each === 0) ?? [1, "s"];
  const count = seconds / size;
  return `${count} ${unit}${unit === "day" && count !== 1 ? "s" : ""}`;
}

const UNITS = [
  [86_400, "day"],
  [3_600, "h"],
  [60, "min"],
] as const;
