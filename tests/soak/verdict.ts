import { percentile, type Sample } from "./sample.ts";

/** A sample as a line of figures. */
export function lineOf(sample: Sample): string {
  const { minutes, leads, rssMib, descriptors, due, lagSeconds, tablesMib, indexesMib, p50Ms, p99Ms } =
    sample;
  return (
    `${minutes.toFixed(1).padStart(6)} min, ${leads} leads, RSS ${rssMib} MiB, ${descriptors} descriptors, ${due} due for ${lagSeconds} s, ` +
    `tables ${tablesMib} MiB, indexes ${indexesMib} MiB, p50 ${p50Ms} ms, p99 ${p99Ms} ms`
  );
}

const WATCHED = [
  ["rssMib", "MiB of memory"],
  ["descriptors", "descriptors"],
  ["due", "deliveries due"],
  ["lagSeconds", "seconds of lag"],
] as const;

/** What grew: of what should stand still, how much an hour, from a third of the run on; of the tables, what a lead takes. */
export function grownIn(samples: readonly Sample[]): string[] {
  const settled = samples.slice(Math.floor(samples.length / 3));
  const lines = WATCHED.map(([name, words]) => {
    const slope = slopeOf(settled.map((sample) => [sample.minutes / 60, sample[name]]));
    const [first, last] = [settled[0]?.[name] ?? 0, settled.at(-1)?.[name] ?? 0];
    const most = Math.max(...samples.map((sample) => sample[name]));
    return `${words}: ${first} to ${last}, ${slope.toFixed(1)} an hour, ${most} at most`;
  });
  return [
    ...lines,
    answersIn(samples),
    perLead("tablesMib", "tables", settled),
    perLead("indexesMib", "indexes", settled),
  ];
}

/** Of what was measured each minute, that of a usual one and the most. */
function answersIn(samples: readonly Sample[]): string {
  const told = (["p50Ms", "p99Ms"] as const).map((name) => {
    const times = samples.map((sample) => sample[name]);
    return `${name.replace("Ms", "")} ${percentile(times, 0.5)} ms, ${percentile(times, 1)} at most`;
  });
  return `answers by the minute: ${told.join("; ")}`;
}

function perLead(name: "tablesMib" | "indexesMib", words: string, samples: readonly Sample[]): string {
  const slope = slopeOf(samples.map((sample) => [sample.leads, sample[name]]));
  return `${words}: ${samples.at(-1)?.[name] ?? 0} MiB, ${Math.round(slope * 1_048_576)} bytes a lead`;
}

/** By least squares. */
function slopeOf(points: readonly (readonly [number, number])[]): number {
  const mean = (of: (point: readonly [number, number]) => number) =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [x, y] = [mean(([at]) => at), mean(([, value]) => value)];
  const spread = points.reduce((sum, [at]) => sum + (at - x) ** 2, 0);
  return spread === 0 ? 0 : points.reduce((sum, [at, value]) => sum + (at - x) * (value - y), 0) / spread;
}
