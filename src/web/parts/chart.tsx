import { useComputedColorScheme } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { useEffect, useRef, useState } from "react";
import uPlot from "uplot";
import { countText } from "./money.tsx";

export interface Series {
  label: string;
  values: readonly (number | null)[];
  /** A name of a colour of console.css, such as `good`. */
  tone: string;
  /** A line instead of bars; lines are drawn over them and not stacked. */
  isLine?: boolean;
}

interface Chart {
  label: string;
  /** Seconds since 1970, one for each value. */
  times: readonly number[];
  series: readonly Series[];
  /** How much time a bar stands for. */
  bucket?: Bucket;
  /** How a value is written. */
  said?(value: number): string;
  height?: number;
}

type Bucket = "hour" | "day";

/**
 * Bars that stand on each other, and lines over them, by time; below it what the one says that is pointed at. What it shows is also said
 * in words where it stands.
 */
export function BarChart({ label, times, series, bucket = "hour", said = countText, height = 190 }: Chart) {
  const { ref, width } = useElementSize();
  const place = useRef<HTMLDivElement>(null);
  const scheme = useComputedColorScheme("light");
  const [pointed, setPointed] = useState<number | null>(null);
  useEffect(() => {
    const target = place.current;
    if (target === null || width < 50) return undefined;
    const point = ({ cursor }: uPlot) => setPointed(cursor.idx ?? null);
    const options = optionsFor(series, width, height, bucket, point);
    const plot = new uPlot(options, stacked(times, series), target);
    return () => plot.destroy();
  }, [times, series, width, height, bucket, scheme]);
  const at = pointed === null ? undefined : times[pointed];
  return (
    <figure className="chart" ref={ref} aria-label={label}>
      <div ref={place} style={{ height }} aria-hidden />
      <figcaption>
        {series.map(({ label: name, tone, values }) => (
          <span key={name} data-tone={tone} className="legend">
            {name}
            {pointed !== null && at !== undefined && <b>{said(values[pointed] ?? 0)}</b>}
          </span>
        ))}
        {at !== undefined && <span className="dim">{NAMES[bucket].format(at * 1000)}</span>}
      </figcaption>
    </figure>
  );
}

function colourOf(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** Drawn from the tallest to the lowest, each over the one before. */
function stacked(times: readonly number[], series: readonly Series[]): uPlot.AlignedData {
  const bars = series.filter(({ isLine }) => isLine !== true);
  const lines = series.filter(({ isLine }) => isLine === true);
  const sums = times.map(() => 0);
  const heights = bars.map(({ values }) =>
    values.map((value, index) => {
      sums[index] = (sums[index] ?? 0) + (value ?? 0);
      return sums[index] ?? 0;
    }),
  );
  return [[...times], ...heights.toReversed(), ...lines.map(({ values }) => [...values])];
}

function optionsFor(
  series: readonly Series[],
  width: number,
  height: number,
  bucket: Bucket,
  point: (plot: uPlot) => void,
): uPlot.Options {
  const bars = series.filter(({ isLine }) => isLine !== true).toReversed();
  const lines = series.filter(({ isLine }) => isLine === true);
  const axis = {
    stroke: colourOf("ink-dim"),
    grid: { stroke: colourOf("line"), width: 1 },
    ticks: { show: false },
    font: "11px system-ui, sans-serif",
  };
  return {
    width,
    height,
    legend: { show: false },
    cursor: { x: true, y: false, points: { show: false }, drag: { x: false, y: false } },
    hooks: { setCursor: [point] },
    padding: [8, 8, 0, 0],
    scales: {
      x: { range: (_, first, last) => [first, last + LENGTHS[bucket]] },
      y: { range: (_, least, most) => [Math.min(0, least * 1.08), Math.max(4, most * 1.08)] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 26,
        // At the very end there is no room for a word.
        values: ({ scales }, times) =>
          times.map((time) => (time < (scales["x"]?.max ?? 0) ? MARKS[bucket].format(time * 1000) : "")),
        incrs: bucket === "hour" ? [1, 2, 3, 4, 6, 12].map((hours) => hours * 3600) : DAYS,
      },
      { ...axis, size: 44, values: (_, values) => values.map((value) => short.format(value)) },
    ],
    series: [
      {},
      ...bars.map(({ label, tone }) => ({
        label,
        fill: colourOf(tone),
        width: 0,
        paths: uPlot.paths.bars?.({ size: [0.72, 90], align: 1 }),
        points: { show: false },
      })),
      ...lines.map(({ label, tone }) => ({
        label,
        stroke: colourOf(tone),
        width: 1.5,
        dash: [4, 3],
        paths: uPlot.paths.stepped?.({ align: 1 }),
        points: { show: false },
      })),
    ] as uPlot.Series[],
  };
}

/** In seconds. */
const LENGTHS: Readonly<Record<Bucket, number>> = { hour: 3600, day: 86_400 };
const DAYS = [1, 2, 5, 7, 14, 30, 60, 90].map((days) => days * 86_400);

const MARKS: Readonly<Record<Bucket, Intl.DateTimeFormat>> = {
  hour: new Intl.DateTimeFormat(undefined, { hour: "numeric" }),
  day: new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric" }),
};
const NAMES: Readonly<Record<Bucket, Intl.DateTimeFormat>> = {
  hour: new Intl.DateTimeFormat(undefined, { weekday: "short", hour: "numeric", minute: "2-digit" }),
  day: new Intl.DateTimeFormat(undefined, { dateStyle: "full" }),
};
const short = new Intl.NumberFormat(undefined, { notation: "compact" });
