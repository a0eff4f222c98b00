/** What is due, read page by page behind the last one of the page before, and what is done with each. */
export interface Passage<Item> {
  read(after: Item | undefined, limit: number): Promise<readonly Item[]>;
  deal(item: Item): Promise<void>;
  /** Dealing with this one failed; the next look may do better. */
  failed(item: Item, error: unknown): void;
  isStopped(): boolean;
}

/** As many are looked up together. */
const AT_ONCE = 500;

/** Deals with all that is due, one after another. One that fails holds up no other. */
export async function goThrough<Item>({ read, deal, failed, isStopped }: Passage<Item>): Promise<void> {
  let last: Item | undefined;
  do {
    const items = await read(last, AT_ONCE);
    for (const item of items) {
      if (isStopped()) return;
      try {
        await deal(item);
      } catch (error) {
        if (!isStopped()) failed(item, error);
      }
    }
    last = items.at(AT_ONCE - 1);
  } while (last !== undefined);
}
