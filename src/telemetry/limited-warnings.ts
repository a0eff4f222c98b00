import type { Log, LogFields } from "./log.ts";

/** How long the same is not said again of the same subject, in ms. */
const SILENT_MS = 60_000;
/** Subjects that are remembered: of those beyond, each is forgotten in its turn. */
const MOST_REMEMBERED = 1_000;

/**
 * Warns of one thing about one subject (an id, an empty text when there is but one) once a minute at most, however often it happens. The
 * line says in `count` how often it has been so since the last one, if more than once.
 */
export function limitedWarnings(
  log: Pick<Log, "warn">,
  elapsedMs: () => number,
): (message: string, subject: string, fields?: LogFields) => void {
  const said = new Map<string, { at: number; left: number }>();
  return (message, subject, fields = {}) => {
    const key = `${message} ${subject}`;
    const last = said.get(key);
    const now = elapsedMs();
    if (last !== undefined && now - last.at < SILENT_MS) {
      last.left += 1;
      return;
    }
    said.delete(key);
    said.set(key, { at: now, left: 0 });
    if (said.size > MOST_REMEMBERED) said.delete(said.keys().next().value ?? "");
    log.warn(message, { ...fields, ...(last !== undefined && last.left > 0 && { count: last.left + 1 }) });
  };
}
