import type { Sample } from "./sample.ts";

const CHARTS = [
  ["rssMib", "memory, MiB"],
  ["descriptors", "descriptors"],
  ["due", "deliveries due"],
  ["lagSeconds", "lag, s"],
  ["tablesMib", "tables, MiB"],
  ["indexesMib", "indexes, MiB"],
  ["p50Ms", "p50, ms"],
  ["p99Ms", "p99, ms"],
] as const satisfies readonly (readonly [keyof Sample, string])[];

const [WIDTH, HEIGHT, LEFT, GAP] = [640, 90, 60, 40];

/** The samples as an SVG: a chart below the other, each from nothing to its most. */
export function drawn(samples: readonly Sample[]): string {
  const charts = CHARTS.map(([name, title], index) => chartOf(samples, name, title, index * (HEIGHT + GAP)));
  const [width, height] = [LEFT + WIDTH + 20, CHARTS.length * (HEIGHT + GAP) + 20];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...charts,
    "</svg>\n",
  ].join("\n");
}

function chartOf(samples: readonly Sample[], name: keyof Sample, title: string, top: number): string {
  const most = Math.max(1, ...samples.map((sample) => sample[name]));
  const end = Math.max(1, samples.at(-1)?.minutes ?? 1);
  const x = ({ minutes }: Sample) => (LEFT + (WIDTH * minutes) / end).toFixed(1);
  const y = (sample: Sample) => (top + 25 + HEIGHT * (1 - sample[name] / most)).toFixed(1);
  const points = samples.map((sample) => `${x(sample)},${y(sample)}`).join(" ");
  const bottom = top + 25 + HEIGHT;
  return [
    `<text x="${LEFT}" y="${top + 17}">${title}</text>`,
    `<text x="${LEFT - 6}" y="${top + 34}" text-anchor="end">${most}</text>`,
    `<text x="${LEFT + WIDTH}" y="${bottom + 14}" text-anchor="end" fill="#666">${Math.round(end)} min</text>`,
    `<path d="M${LEFT} ${top + 25}V${bottom}H${LEFT + WIDTH}" fill="none" stroke="#999"/>`,
    `<polyline points="${points}" fill="none" stroke="#06c" stroke-width="1.5"/>`,
  ].join("");
}
