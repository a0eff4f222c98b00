/** How far the load has come, in leads: faults and operators strike at a place in it, and not at a time. */
export class Progress {
  #count = 0;
  #isOver = false;
  readonly #waiting: { count: number; resolve: () => void }[] = [];

  get count(): number {
    return this.#count;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  advance(): void {
    this.#count += 1;
    this.#wake();
  }

  /** Whoever still waits goes on: no more leads will come. */
  end(): void {
    this.#isOver = true;
    this.#wake();
  }

  /** Resolves when so many leads are through, or none will come any more. */
  async until(count: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push({ count, resolve });
    this.#wake();
    await promise;
  }

  #wake(): void {
    const awake = this.#waiting.filter(({ count }) => this.#isOver || count <= this.#count);
    if (awake.length === 0) return;
    const asleep = this.#waiting.filter((each) => !awake.includes(each));
    this.#waiting.splice(0, this.#waiting.length, ...asleep);
    for (const { resolve } of awake) resolve();
  }
}
