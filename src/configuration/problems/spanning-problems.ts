import type { CompleteDocument } from "#campaigns/definition.ts";
import type { DocumentProblem } from "./schema-problems.ts";

/**
 * What of a document counts over campaigns, which may be on several nodes where tables are spread over them: a lead would need two nodes
 * to be decided, and what it takes of both could not be told exactly after one of them fails.
 */
export function spanningProblems({ buyers, records_days }: CompleteDocument): DocumentProblem[] {
  return [...(records_days === null ? [] : [NO_DROPPING]), ...buyers.flatMap(problemsOfBuyer)];
}

const NO_DROPPING: DocumentProblem = {
  path: "records_days",
  code: "not_allowed",
  message: "must be left out: months of a database that is spread over nodes are not dropped",
};

function problemsOfBuyer({ id, duplicates }: CompleteDocument["buyers"][number]): DocumentProblem[] {
  if (duplicates === null) return [];
  return [spanning(`buyers[${id}].duplicates`, "give its campaigns a duplicate window")];
}

function spanning(path: string, instead: string): DocumentProblem {
  const message = `must not count over campaigns, as these are on several nodes of the database: ${instead}`;
  return { path, code: "not_allowed", message };
}
