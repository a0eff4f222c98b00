import { useElementSize } from "@mantine/hooks";
import { type PointerEvent, useState } from "react";
import { countText } from "./money.tsx";
import { placesToAWord, roundValues } from "./scale.ts";

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
            <Drawn plot={plot} series={series} />
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

/** Where values are drawn. */
interface Plot {
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
  const lines = series.filter(({ isLine }) => isLine === true).flatMap(({ values }) => values);
  const bars = series.filter(({ isLine }) => isLine !== true);
  const sums = Array.from({ length: places }, (_, place) =>
    bars.reduce((sum, { values }) => sum + (values[place] ?? 0), 0),
  );
  const all = [...sums, ...lines.map((value) => value ?? 0)];
  const [least, most] = [Math.min(0, ...all) * 1.08, Math.max(4, ...all) * 1.08];
  const floor = height - BOTTOM;
  const step = Math.max(0, width - LEFT - RIGHT) / Math.max(1, places);
  const x = (place: number) => LEFT + place * step;
  return {
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
      {roundValues(least, most, (height - TOP - BOTTOM) / WORD_HEIGHT).map((value) => (
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

function Drawn({ plot, series }: { plot: Plot; series: readonly Series[] }) {
  const sums: number[] = [];
  return series
    .toSorted((one, other) => Number(one.isLine === true) - Number(other.isLine === true))
    .map(({ label, tone, values, isLine }) =>
      isLine === true ? (
        <path
          key={label}
          className="chart-line"
          d={lineThrough(values, plot)}
          style={{ stroke: `var(--${tone})` }}
        />
      ) : (
        <path key={label} d={barsOn(sums, values, plot)} style={{ fill: `var(--${tone})` }} />
      ),
    );
}

/** Bars on those before them, of which `sums` are the heights; they are added to these. */
function barsOn(sums: number[], values: readonly (number | null)[], { x, y, bar }: Plot): string {
  return values
    .map((value, place) => {
      const below = sums[place] ?? 0;
      const above = below + (value ?? 0);
      sums[place] = above;
      const left = (x(place) + x(place + 1) - bar) / 2;
      return value ? `M${left} ${y(below)}V${y(above)}h${bar}V${y(below)}z` : "";
    })
    .join("");
}

/** A step for each value; where there is none the line is broken. */
function lineThrough(values: readonly (number | null)[], { x, y }: Plot): string {
  return values
    .map((value, place) => {
      if (value === null) return "";
      const joins = place > 0 && values[place - 1] !== null;
      return `${joins ? "L" : "M"}${x(place)} ${y(value)}H${x(place + 1)}`;
    })
    .join("");
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
