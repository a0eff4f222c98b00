/** How many of `count` places share a word, so that at most `atMost` words are written. */
export function placesToAWord(count: number, atMost: number, steps: readonly number[]): number {
  return steps.find((step) => count / step <= atMost) ?? count;
}
