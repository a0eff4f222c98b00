import type { Clock } from "#time/clock.ts";
import type { Jobs } from "#time/jobs.ts";

/** The jobs of an installation, as one of its servers has them or not. */
export interface JobsLease extends Jobs {
  /**
   * Has them, or not, for so many ms from `since` on: by a look at the servers that began then.
   */
  hold(isOurs: boolean, since: number): void;
}

/**
 * `holdMs`: who has not looked for so long is gone for the others, one of whom has the jobs by then. It may be back, having stood still:
 * it has none before it has looked again.
 */
export function openJobsLease({ elapsedMs }: Pick<Clock, "elapsedMs">, holdMs: number): JobsLease {
  const beginning: (() => void)[] = [];
  let until = Number.NEGATIVE_INFINITY;
  const areOurs = () => elapsedMs() < until;

  return {
    areOurs,
    onceOurs: (begin) => void beginning.push(begin),
    hold(isOurs, since) {
      const were = areOurs();
      until = isOurs ? since + holdMs : Number.NEGATIVE_INFINITY;
      if (!were && areOurs()) for (const begin of beginning) begin();
    },
  };
}
