import { readFileSync } from "node:fs";
import { type CostlyInput, costlyInputs } from "./costly-inputs.ts";
import { median, table } from "./figures.ts";

/**
 * `bun bench/holding.ts`: how long an input holds the one thread that answers everybody, at the most: what it costs to read the costliest
 * that suppliers, buyers and operators may send, in CPU time of this thread, which a busy machine does not change much. The first time is
 * when nothing is compiled yet; a server is past that after its first requests. Linux alone tells the time of a thread.
 */

const TIMES = 9;
const MOST_MS = 50;

function held(input: CostlyInput): { first: number; median: number } {
  const times = Array.from({ length: TIMES }, () => {
    const before = threadMs();
    input.run();
    return threadMs() - before;
  });
  const [first = Number.NaN, ...others] = times;
  return { first, median: median(others) };
}

/** The first thread of a process has the process's number. */
function threadMs(): number {
  const [nanoseconds] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, "utf8").split(" ");
  return Number(nanoseconds) / 1e6;
}

const rows = costlyInputs().map((input) => {
  const { first, median: usual } = held(input);
  const isOver = Math.min(first, usual) > MOST_MS;
  return [`${input.of}, ${input.name}`, first.toFixed(1), usual.toFixed(1), isOver ? `over ${MOST_MS}` : ""];
});
console.log(table([["CPU ms in one go", "first", "median", ""], ...rows]));
