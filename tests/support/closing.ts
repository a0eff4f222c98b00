import type { Database } from "#database/database.ts";

const users = new WeakMap<Database, (() => Promise<void>)[]>();

/** Does something before the test's database is closed or given to another test: whoever works on it must stop first. */
export function beforeClosing(database: Database, close: () => Promise<void>): void {
  users.set(database, [...(users.get(database) ?? []), close]);
}

/** How many work on a database. */
export function countUsers(database: Database): number {
  return users.get(database)?.length ?? 0;
}

/** Stops those that work on a database, but for the `first` of them. */
export async function closeUsersOf(database: Database, first = 0): Promise<void> {
  const all = users.get(database) ?? [];
  users.set(database, all.slice(0, first));
  await Promise.all(all.slice(first).map((close) => close()));
}
