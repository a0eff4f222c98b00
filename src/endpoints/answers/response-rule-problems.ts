import { patternProblem } from "#text/pattern.ts";
import { isMapping, joinPath, type Mapping, type Problem, unknownKeys } from "#text/problem.ts";
import { compileReader, READERS } from "./answer-reader.ts";
import { jsonPathProblem } from "./json-path.ts";
import { OUTCOMES } from "./response-rules.ts";

const MAX_RULES = 50;
const MAX_CONDITIONS = 10;
const MAX_CHOICES = 100;
const MAX_TEXT_LENGTH = 200;
const COMPARISONS = ["equals", "in", "matches", "exists"] as const;
const VALUES_OF = {
  delivery: ["price", "reference", "reason"],
  ping: ["bid_price", "reference", "reason"],
};

/** Everything that is wrong with a buyer's response rules, whatever they are, by path. */
export function responseRuleProblems(rules: unknown): Problem[] {
  if (!Array.isArray(rules)) return [{ path: "", message: "must be a list of rules { when, outcome }" }];
  if (rules.length > MAX_RULES) return [{ path: "", message: `must have at most ${MAX_RULES} rules` }];
  return rules.flatMap((rule: unknown, index) => problemsOfRule(rule, joinPath("", index)));
}

/** Everything that is wrong with what is to be read out of a buyer's answers, whatever it is, by path. */
export function responseValueProblems(values: unknown, of: keyof typeof VALUES_OF): Problem[] {
  const known = VALUES_OF[of];
  if (!isMapping(values)) {
    const message = `must be a mapping such as { ${known[0]}: { json_path: $.price } }`;
    return [{ path: "", message }];
  }
  return [
    ...unknownKeys(values, known, ""),
    ...Object.entries(values)
      .filter(([name]) => known.includes(name))
      .flatMap(([name, value]) => readValueProblems(value, name)),
  ];
}

function readValueProblems(value: unknown, path: string): Problem[] {
  if (!isMapping(value)) return [{ path, message: "must be a mapping with json_path, xpath or regex" }];
  return [...unknownKeys(value, READERS, path), ...readerProblems(value, path, "exactly one")];
}

function problemsOfRule(rule: unknown, path: string): Problem[] {
  if (!isMapping(rule)) return [{ path, message: "must be a rule { when, outcome }" }];
  const problems = unknownKeys(rule, ["when", "outcome"], path);
  if (!OUTCOMES.some((known) => known === rule.outcome)) {
    problems.push({ path: joinPath(path, "outcome"), message: `must be one of ${OUTCOMES.join(", ")}` });
  }
  const place = joinPath(path, "when");
  if (!Array.isArray(rule.when)) return [...problems, ...conditionProblems(rule.when, place)];
  if (rule.when.length === 0 || rule.when.length > MAX_CONDITIONS) {
    return [...problems, { path: place, message: `must have from 1 to ${MAX_CONDITIONS} conditions` }];
  }
  return [
    ...problems,
    ...rule.when.flatMap((condition: unknown, index) => conditionProblems(condition, joinPath(place, index))),
  ];
}

function conditionProblems(condition: unknown, path: string): Problem[] {
  if (!isMapping(condition)) {
    return [
      { path, message: "must be a mapping such as { json_path: $.status, equals: sold } or { status: 200 }" },
    ];
  }
  const problems = unknownKeys(condition, ["status", ...READERS, ...COMPARISONS], path);
  const { status } = condition;
  if (status !== undefined && !isStatus(status)) {
    const message = "must be a status from 100 to 599, a list of such, or one of 2xx, 3xx, 4xx, 5xx";
    problems.push({ path: joinPath(path, "status"), message });
  }
  const comparisons = COMPARISONS.filter((comparison) => condition[comparison] !== undefined);
  if (comparisons.length > 1) {
    problems.push({ path, message: `must have only one of ${COMPARISONS.join(", ")}` });
  }
  const asksBody = READERS.some((reader) => condition[reader] !== undefined);
  if (comparisons.length > 0 && !asksBody) {
    problems.push({ path, message: NOTHING_TO_COMPARE });
  }
  if (!asksBody && comparisons.length === 0 && status === undefined) {
    problems.push({ path, message: "must have a status, json_path, xpath or regex" });
  }
  return [
    ...problems,
    ...readerProblems(condition, path, "only one"),
    ...comparisonProblems(condition, path),
  ];
}

const NOTHING_TO_COMPARE =
  "must say by json_path, xpath or regex what to compare, as in { json_path: $.status, equals: sold }; { regex: OK } looks " +
  "for OK in the whole answer";

function readerProblems(reader: Mapping, path: string, many: "exactly one" | "only one"): Problem[] {
  const given = READERS.filter((name) => reader[name] !== undefined);
  const [name] = given;
  if (given.length > 1 || (many === "exactly one" && name === undefined)) {
    return [{ path, message: `must have ${many} of ${READERS.join(", ")}` }];
  }
  if (name === undefined) return [];
  const source = reader[name];
  if (typeof source !== "string") return [{ path: joinPath(path, name), message: "must be a text" }];
  const slashes = name === "regex" ? slashProblem(source) : undefined;
  if (slashes !== undefined) return [{ path: joinPath(path, name), message: slashes }];
  const place = joinPath(path, name);
  if (name !== "json_path") return compileProblems(() => compileReader({ [name]: source }), place);
  const message = jsonPathProblem(source);
  return message === undefined ? [] : [{ path: place, message }];
}

function comparisonProblems(condition: Mapping, path: string): Problem[] {
  const { equals, in: among, matches, exists } = condition;
  const problems: Problem[] = [];
  if (equals !== undefined && !isScalar(equals)) {
    problems.push({ path: joinPath(path, "equals"), message: SCALAR_EXPECTED });
  }
  if (among !== undefined && (!Array.isArray(among) || !isChoice(among))) {
    const message = `must be a list of 1 to ${MAX_CHOICES} texts, numbers, true or false`;
    problems.push({ path: joinPath(path, "in"), message });
  }
  if (exists !== undefined && typeof exists !== "boolean") {
    problems.push({ path: joinPath(path, "exists"), message: "must be true or false" });
  }
  if (matches === undefined) return problems;
  const place = joinPath(path, "matches");
  if (typeof matches !== "string") return [...problems, { path: place, message: "must be a text" }];
  const message = slashProblem(matches) ?? patternProblem(matches)?.message;
  return message === undefined ? problems : [...problems, { path: place, message }];
}

/** A pattern as JavaScript and PHP write it would look for the slashes themselves, and never match. */
function slashProblem(pattern: string): string | undefined {
  const [, inner] = /^\/(.+)\/[a-z]*$/s.exec(pattern) ?? [];
  if (inner === undefined) return undefined;
  return `must be written without slashes around it, as ${inner} (case never matters; a slash itself is [/])`;
}

const SCALAR_EXPECTED = `must be a text of 1 to ${MAX_TEXT_LENGTH} characters, a number, true or false`;

function isChoice(among: readonly unknown[]): boolean {
  return among.length > 0 && among.length <= MAX_CHOICES && among.every(isScalar);
}

/** An empty text would never be found: see `answer-reader.ts`. */
function isScalar(value: unknown): boolean {
  if (typeof value === "string") return value.trim() !== "" && value.length <= MAX_TEXT_LENGTH;
  return typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value));
}

function isStatus(status: unknown): boolean {
  if (typeof status === "string") return /^[2-5]xx$/.test(status);
  if (!Array.isArray(status)) return isStatusNumber(status);
  return status.length > 0 && status.length <= MAX_CHOICES && status.every(isStatusNumber);
}

function isStatusNumber(status: unknown): boolean {
  return Number.isInteger(status) && Number(status) >= 100 && Number(status) <= 599;
}

function compileProblems(compile: () => unknown, path: string): Problem[] {
  try {
    compile();
    return [];
  } catch (error) {
    if (error instanceof RangeError) return [{ path, message: error.message }];
    throw error;
  }
}
