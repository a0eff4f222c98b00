/** Round values from `least` to `most`, evenly apart: as many as `atMost` has room for, or one more. */
export function roundValues(least: number, most: number, atMost: number): number[] {
  const step = roundStep((most - least) / atMost);
  const first = Math.ceil(least / step);
  return Array.from({ length: Math.floor(most / step) - first + 1 }, (_, index) => (first + index) * step);
}

/** The smallest of 1, 2, 4, 5, 10, 20 … and of their tenths, hundredths … that is not less. */
function roundStep(least: number): number {
  const size = 10 ** Math.floor(Math.log10(least));
  return size * ([1, 2, 4, 5].find((each) => each * size >= least) ?? 10);
}

/** How many of `count` places share a word, so that at most `atMost` words are written. */
export function placesToAWord(count: number, atMost: number, steps: readonly number[]): number {
  return steps.find((step) => count / step <= atMost) ?? count;
}
