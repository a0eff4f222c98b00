import type { Database } from "#database/database.ts";

const before = new WeakMap<Database, (() => Promise<void>)[]>();

/** Does something before the test's database is closed: whoever works on it must stop first. */
export function beforeClosing(database: Database, close: () => Promise<void>): void {
  before.set(database, [...(before.get(database) ?? []), close]);
}

export async function closeUsersOf(database: Database): Promise<void> {
  const closing = before.get(database) ?? [];
  before.delete(database);
  await Promise.all(closing.map((close) => close()));
}
