import { useComputedColorScheme } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { useEffect, useRef } from "react";
import uPlot from "uplot";

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
  height?: number;
}

/** Bars that stand on each other, and lines over them, by time. What it shows is also said in words where it stands. */
export function BarChart({ label, times, series, height = 190 }: Chart) {
  const { ref, width } = useElementSize();
  const place = useRef<HTMLDivElement>(null);
  const scheme = useComputedColorScheme("light");
  useEffect(() => {
    const target = place.current;
    if (target === null || width < 50) return undefined;
    const plot = new uPlot(optionsFor(series, width, height), stacked(times, series), target);
    return () => plot.destroy();
  }, [times, series, width, height, scheme]);
  return (
    <figure className="chart" ref={ref} aria-label={label}>
      <div ref={place} style={{ height }} aria-hidden />
      <figcaption>
        {series.map(({ label: name, tone }) => (
          <span key={name} data-tone={tone} className="legend">
            {name}
          </span>
        ))}
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

function optionsFor(series: readonly Series[], width: number, height: number): uPlot.Options {
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
    cursor: { show: false },
    padding: [8, 8, 0, 0],
    scales: { y: { range: (_, __, most) => [0, Math.max(4, most * 1.08)] } },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 26,
        values: (_, times) => times.map((time) => clock.format(time * 1000)),
      },
      { ...axis, size: 44 },
    ],
    series: [
      {},
      ...bars.map(({ label, tone }) => ({
        label,
        fill: colourOf(tone),
        width: 0,
        paths: uPlot.paths.bars?.({ size: [0.72, 40], align: 1 }),
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

const clock = new Intl.DateTimeFormat(undefined, { hour: "numeric" });
