/** How far long work has come, said on standard error while it goes on. */
export interface ProgressLine {
  tell(table: string, rows: number): void;
  /** The same in words. */
  say(text: string): void;
  /** Rows of all tables together. */
  rows(): number;
  /** Leaves the line clean for what is said next. */
  end(): void;
}

/** On a terminal the line is written over; in a log, which is read later, there is a line now and then. */
export function startProgress(
  doing: string,
  write: (text: string) => void,
  isTerminal = process.stderr.isTTY,
): ProgressLine {
  const pauseMs = isTerminal ? 200 : 5_000;
  let said = performance.now();
  let [current, inTable, before] = ["", 0, 0];
  let isDirty = false;

  function say(text: string): void {
    const now = performance.now();
    if (now - said < pauseMs) return;
    said = now;
    write(isTerminal ? `\r\u001b[K${doing} ${text}` : `${doing} ${text}\n`);
    isDirty = isTerminal;
  }

  return {
    say,
    tell(table, rows) {
      if (table !== current) [current, before] = [table, before + inTable];
      inTable = rows;
      if (rows > 0) say(`${table}: ${rows.toLocaleString("en-US")} rows`);
    },
    rows: () => before + inTable,
    end() {
      if (isDirty) write("\r\u001b[K");
    },
  };
}
