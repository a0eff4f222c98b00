import { useContext } from "react";
import { type OfParties, OwnClock, useClocksOf, wholeTime } from "./clocks.ts";

interface Told {
  at: string | null | undefined;
  /** What is said where there is no time. */
  none?: string;
  /** Whom it is about. */
  of?: OfParties;
}

/** A time in the viewer's zone: the clock alone for today. Hovering tells all of it, by the clocks of those whom it is about, and UTC. */
export function Moment({ at, none = "–", seconds = false, of }: Told & { seconds?: boolean }) {
  const title = useWholeTime(at, of);
  if (at === null || at === undefined) return <span className="dim">{none}</span>;
  return (
    <time dateTime={at} title={title}>
      {briefly(new Date(at), seconds)}
    </time>
  );
}

const NOBODY: OfParties = {};

function useWholeTime(at: string | null | undefined, of: OfParties = NOBODY): string | undefined {
  const [own, theirs] = [useContext(OwnClock), useClocksOf(of)];
  return at === null || at === undefined ? undefined : wholeTime(at, [...own, ...theirs]);
}

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
const clockToSeconds = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const day = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric" });
const dayOfYear = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });

function briefly(date: Date, seconds: boolean): string {
  const time = (seconds ? clockToSeconds : clock).format(date);
  const now = new Date();
  if (date.toDateString() === now.toDateString()) return time;
  const days = (date.getFullYear() === now.getFullYear() ? day : dayOfYear).format(date);
  return `${days}, ${time}`;
}

/** The day of a time, in the viewer's zone or another. */
export function dayInWords(at: string, timeZone?: string): string {
  return new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeZone }).format(new Date(at));
}

const ago = new Intl.RelativeTimeFormat(undefined, { numeric: "auto", style: "short" });
const UNITS = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
] as const;

/** In how long something is to be done; what should have been done by now is due. */
export function DueIn({ at, of }: Pick<Told, "at" | "of">) {
  const isDue = at !== null && at !== undefined && Date.parse(at) <= Date.now();
  return isDue ? <span>due</span> : <Ago at={at} {...(of && { of })} />;
}

/** How long ago, or in how long. */
export function Ago({ at, none = "–", of }: Told) {
  const title = useWholeTime(at, of);
  if (at === null || at === undefined) return <span className="dim">{none}</span>;
  const seconds = Math.round((Date.parse(at) - Date.now()) / 1000);
  const [unit, size] = UNITS.find(([, each]) => Math.abs(seconds) >= each) ?? ["second", 1];
  return (
    <time dateTime={at} title={title}>
      {ago.format(Math.trunc(seconds / size), unit)}
    </time>
  );
}
