import { type Leadgate, OPERATOR_KEY } from "../support/leadgate.ts";

/** The value of each series, by its name and labels as they are written. */
export type Series = Map<string, number>;

export async function scrape(leadgate: Leadgate): Promise<{ text: string; series: Series }> {
  // What is read from the database is read again only after a while.
  leadgate.clock.pass(1_000);
  const headers = { authorization: `Bearer ${OPERATOR_KEY}` };
  const reply = await leadgate.call("GET", "/metrics", { headers });
  if (reply.status !== 200) throw new Error(`/metrics answered ${reply.status}`);
  const text = String(reply.body);
  return { text, series: seriesIn(text) };
}

/** Reads the text format, every line of it: https://prometheus.io/docs/instrumenting/exposition_formats/. Throws at any that is none. */
export function seriesIn(text: string): Series {
  const series: Series = new Map();
  for (const line of text.split("\n")) {
    if (line === "" || /^# (HELP|TYPE) [a-z0-9_]+ \S/.test(line)) continue;
    const parts = /^([a-z0-9_]+(?:\{(?:[a-z_]+="(?:[^"\\\n]|\\.)*",?)*\})?) (\S+)$/.exec(line);
    const [, name = "", value = ""] = parts ?? [];
    const number = value === "+Inf" ? Number.POSITIVE_INFINITY : Number(value.replace("Nan", "NaN"));
    if (parts === null || (Number.isNaN(number) && !/^nan$/i.test(value)) || series.has(name))
      throw new Error(`not a line of the text format: ${line}`);
    series.set(name, number);
  }
  return series;
}

/** The sum of the series of a name that have all these labels. */
export function sumOf(series: Series, name: string, labels: Readonly<Record<string, string>> = {}): number {
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  return [...series]
    .filter(([key]) => key === name || key.startsWith(`${name}{`))
    .filter(([key]) => wanted.every((label) => key.includes(label)))
    .reduce((sum, [, value]) => sum + value, 0);
}
