/** One day: what stands at the bottom in the operator's color, what on it, and how it is said. */
export interface Day {
  day: string;
  main: number;
  rest?: number;
  says: string;
}

/** Days as bars. Each says by hovering what it is, and the whole is said in words by its label. */
export function DayBars({ label, days }: { label: string; days: readonly Day[] }) {
  const most = Math.max(1, ...days.map(({ main, rest = 0 }) => main + rest));
  const share = (value: number) => ({ height: `${(value / most) * 100}%` });
  const [first, last] = [days.at(0), days.at(-1)];
  return (
    <figure aria-label={label} role="img">
      <div className="days">
        {days.map(({ day, main, rest = 0, says }) => (
          <span key={day} title={`${shortDay(day)}: ${says}`}>
            <i style={share(main)} />
            {rest > 0 && <i style={share(rest)} />}
          </span>
        ))}
      </div>
      {first !== undefined && last !== undefined && (
        <div className="days-ends" aria-hidden>
          <span>{shortDay(first.day)}</span>
          <span>{shortDay(last.day)}</span>
        </div>
      )}
    </figure>
  );
}

const format = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric", timeZone: "UTC" });

/** A day such as 2030-01-31, as is usual where the viewer is. */
export function shortDay(day: string): string {
  return format.format(new Date(`${day}T00:00:00Z`));
}

/** The days from the one of `from` to the one before `to` on the clock of a time zone, also those of which nothing is known. */
export function daysBetween(from: string, to: string, timezone: string): string[] {
  const dayAt = new Intl.DateTimeFormat("en-CA", { timeZone: timezone, dateStyle: "short" });
  const days = new Set<string>();
  const half = 12 * 3_600_000;
  for (let at = Date.parse(from); at < Date.parse(to); at += half) days.add(dayAt.format(at));
  days.add(dayAt.format(Date.parse(to) - 1));
  return [...days];
}
