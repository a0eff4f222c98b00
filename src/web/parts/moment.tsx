interface Told {
  at: string | null | undefined;
  /** What is said where there is no time. */
  none?: string;
}

/** A time in the viewer's zone: the clock alone for today. Hovering tells all of it, and UTC. */
export function Moment({ at, none = "–", seconds = false }: Told & { seconds?: boolean }) {
  if (at === null || at === undefined) return <span className="dim">{none}</span>;
  const date = new Date(at);
  return (
    <time dateTime={at} title={`${whole.format(date)}\n${at}`}>
      {briefly(date, seconds)}
    </time>
  );
}

const whole = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });
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

/** How long ago, or in how long. */
export function Ago({ at, none = "–" }: Told) {
  if (at === null || at === undefined) return <span className="dim">{none}</span>;
  const seconds = Math.round((Date.parse(at) - Date.now()) / 1000);
  const [unit, size] = UNITS.find(([, each]) => Math.abs(seconds) >= each) ?? ["second", 1];
  return (
    <time dateTime={at} title={`${whole.format(new Date(at))}\n${at}`}>
      {ago.format(Math.trunc(seconds / size), unit)}
    </time>
  );
}
