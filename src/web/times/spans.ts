const HOUR_MS = 3_600_000;

/** Times until now that one looks back over, by the word that an address has for each. */
const SPANS: Readonly<Record<string, { label: string; hours: number }>> = {
  "1h": { label: "Last hour", hours: 1 },
  "24h": { label: "Last 24 hours", hours: 24 },
  "7d": { label: "Last 7 days", hours: 168 },
  "30d": { label: "Last 30 days", hours: 720 },
};

/** They as choices. */
export const SPAN_CHOICES = Object.entries(SPANS).map(([value, { label }]) => ({ value, label }));

/** When a span begins, to the minute, so that the same page asks the same thing for a while; undefined for another word. */
export function beginOf(span: string | undefined): string | undefined {
  const hours = SPANS[span ?? ""]?.hours;
  if (hours === undefined) return undefined;
  const minute = Math.floor(Date.now() / 60_000) * 60_000;
  return new Date(minute - hours * HOUR_MS).toISOString();
}
