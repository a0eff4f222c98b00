import { useElementSize } from "@mantine/hooks";
import { ticks } from "d3-array";
import { line, stack } from "d3-shape";
import { type PointerEvent, useState } from "react";
import { countText } from "./money.tsx";
import { placesToAWord } from "./scale.ts";

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
  /** Seconds since 1970, one for each value: when what it stands for begins. */
  times: readonly number[];
  series: readonly Series[];
  /** How much time a value stands for. */
  bucket?: Bucket;
  /** How a value is written. */
  said?(value: number): string;
  height?: number;
}

type Bucket = "hour" | "day";

/** Around the plot, in pixels. */
const [LEFT, RIGHT, TOP, BOTTOM] = [44, 8, 8, 26];
/** A word needs so much room, in pixels. */
const [WORD_WIDTH, WORD_HEIGHT] = [56, 34];
/** Of its place, and in pixels, a bar takes at most so much. */
const [BAR_SHARE, BAR_WIDEST] = [0.72, 90];

/**
 * Bars that stand on each other, and lines over them, by time; below it what the one says that is pointed at. What it shows is also said
 * in words where it stands.
 */
export function BarChart({ label, times, series, bucket = "hour", said = countText, height = 190 }: Chart) {
  const { ref, width } = useElementSize();
  const [pointed, setPointed] = useState<number>();
  const at = pointed === undefined ? undefined : times[pointed];
  const plot = plotOf(series, times.length, width, height);
  const point = ({ clientX, currentTarget }: PointerEvent) => {
    const index = plot.placeAt(clientX - currentTarget.getBoundingClientRect().left);
    setPointed(index in times ? index : undefined);
  };
  return (
    <figure className="chart" ref={ref} aria-label={label}>
      <svg height={height} onPointerMove={point} onPointerLeave={() => setPointed(undefined)} aria-hidden>
        {width > LEFT + RIGHT && (
          <>
            <Axes plot={plot} times={times} bucket={bucket} />
            <Drawn plot={plot} />
            {at !== undefined && <rect className="chart-pointed" {...plot.pillar(pointed ?? 0)} />}
          </>
        )}
      </svg>
      <figcaption>
        {series.map(({ label: name, tone, values }) => (
          <span key={name} data-tone={tone} className="legend">
            {name}
            {at !== undefined && <b>{said(values[pointed ?? 0] ?? 0)}</b>}
          </span>
        ))}
        {at !== undefined && <span className="dim">{NAMES[bucket].format(at * 1000)}</span>}
      </figcaption>
    </figure>
  );
}

/** Where a bar begins and ends. */
type Bar = readonly [from: number, to: number];

/** What is drawn, and where. */
interface Plot {
  /** Series of bars, each with one for each place, on those of the series before it. */
  stacks: readonly (Pick<Series, "label" | "tone"> & { bars: readonly Bar[] })[];
  lines: readonly Series[];
  least: number;
  most: number;
  height: number;
  right: number;
  x(place: number): number;
  y(value: number): number;
  bar: number;
  placeAt(x: number): number;
  pillar(place: number): { x: number; y: number; width: number; height: number };
}

function plotOf(series: readonly Series[], places: number, width: number, height: number): Plot {
  const lines = series.filter(({ isLine }) => isLine === true);
  const stacks = stacked(
    series.filter(({ isLine }) => isLine !== true),
    places,
  );
  const ends = stacks.flatMap(({ bars }) => bars.flat());
  const tops = lines.flatMap(({ values }) => values.map((value) => value ?? 0));
  const all = [...ends, ...tops];
  const [least, most] = [Math.min(0, ...all) * 1.08, Math.max(4, ...all) * 1.08];
  const floor = height - BOTTOM;
  const step = Math.max(0, width - LEFT - RIGHT) / Math.max(1, places);
  const x = (place: number) => LEFT + place * step;
  return {
    stacks,
    lines,
    least,
    most,
    height,
    right: width - RIGHT,
    x,
    y: (value) => floor - ((value - least) / (most - least)) * (floor - TOP),
    bar: Math.min(step * BAR_SHARE, BAR_WIDEST),
    placeAt: (at) => Math.floor((at - LEFT) / step),
    pillar: (place) => ({ x: x(place), y: TOP, width: step, height: floor - TOP }),
  };
}

function Axes({ plot, times, bucket }: { plot: Plot; times: readonly number[]; bucket: Bucket }) {
  const { x, y, least, most, height, right } = plot;
  const words = placesToAWord(times.length, (right - LEFT) / WORD_WIDTH, STEPS[bucket]);
  // A day's word stands below it, an hour's where it begins.
  const shift = bucket === "day" ? 0.5 : 0;
  return (
    <>
      {ticks(least, most, (height - TOP - BOTTOM) / WORD_HEIGHT).map((value) => (
        <g key={value}>
          <line x1={LEFT} x2={right} y1={y(value)} y2={y(value)} />
          <text x={LEFT - 8} y={y(value) + 4} textAnchor="end">
            {short.format(value)}
          </text>
        </g>
      ))}
      {times.map(
        (time, place) =>
          place % words === 0 && (
            <text key={time} x={x(place + shift)} y={height - BOTTOM + 18} textAnchor="middle">
              {MARKS[bucket].format(time * 1000)}
            </text>
          ),
      )}
    </>
  );
}

function Drawn({ plot }: { plot: Plot }) {
  return (
    <>
      {plot.stacks.map(({ label, tone, bars }) => (
        <path key={label} d={barsThrough(bars, plot)} style={{ fill: `var(--${tone})` }} />
      ))}
      {plot.lines.map(({ label, tone, values }) => (
        <path
          key={label}
          className="chart-line"
          d={lineThrough(values, plot)}
          style={{ stroke: `var(--${tone})` }}
        />
      ))}
    </>
  );
}

function stacked(series: readonly Series[], places: number): Plot["stacks"] {
  const heights = Array.from({ length: places }, (_, place) =>
    series.map(({ values }) => values[place] ?? 0),
  );
  const onEachOther = stack<readonly number[], number>()
    .keys(series.keys())
    .value((values, index) => values[index] ?? 0);
  const bars = onEachOther(heights);
  return series.map(({ label, tone }, index) => ({
    label,
    tone,
    bars: (bars[index] ?? []).map(([from, to]) => [from, to]),
  }));
}

function barsThrough(bars: readonly Bar[], { x, y, bar }: Plot): string {
  return bars
    .map(([from, to], place) => {
      const left = (x(place) + x(place + 1) - bar) / 2;
      return from === to ? "" : `M${left} ${y(from)}V${y(to)}h${bar}V${y(from)}z`;
    })
    .join("");
}

/** A step for each value; where there is none the line is broken. */
function lineThrough(values: readonly (number | null)[], { x, y }: Plot): string {
  const through = line<readonly [place: number, value: number | null]>()
    .defined(([, value]) => value !== null)
    .x(([place]) => x(place))
    .y(([, value]) => y(value ?? 0));
  const ends = values.flatMap((value, place) => [[place, value] as const, [place + 1, value] as const]);
  return through(ends) ?? "";
}

/** A word stands at so many places, whichever is enough. */
const STEPS: Readonly<Record<Bucket, readonly number[]>> = {
  hour: [1, 2, 3, 4, 6, 12, 24],
  day: [1, 2, 5, 7, 14, 30, 60, 90],
};

const MARKS: Readonly<Record<Bucket, Intl.DateTimeFormat>> = {
  hour: new Intl.DateTimeFormat(undefined, { hour: "numeric" }),
  day: new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric" }),
};
const NAMES: Readonly<Record<Bucket, Intl.DateTimeFormat>> = {
  hour: new Intl.DateTimeFormat(undefined, { weekday: "short", hour: "numeric", minute: "2-digit" }),
  day: new Intl.DateTimeFormat(undefined, { dateStyle: "full" }),
};
const short = new Intl.NumberFormat(undefined, { notation: "compact" });
