/** The middle one, or the mean of the two in the middle. */
export function median(figures: readonly number[]): number {
  const sorted = figures.toSorted((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** Columns as wide as their widest cell, the first to the left and the others to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join("   "),
    )
    .join("\n");
}

export interface Target {
  says: string;
  figure: number;
  /** What the figure must be: at least, or at most. */
  atLeast?: number;
  atMost?: number;
}

/** The line that says whether a target was reached. */
export function verdict({ says, figure, atLeast, atMost }: Target): string[] {
  const reached = (atLeast === undefined || figure >= atLeast) && (atMost === undefined || figure <= atMost);
  const wanted = atLeast === undefined ? `at most ${atMost}` : `at least ${atLeast}`;
  return [says, figure.toFixed(2), wanted, reached ? "reached" : "not reached"];
}

export function whole(figure: number): string {
  return Math.round(figure).toLocaleString("en");
}
