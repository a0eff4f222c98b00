import type { Database } from "#database/database.ts";

const USERS = Symbol("those who work on it");

/** The list goes with the database: what a test makes of one, as by spreading it, has the same, and is closed with it. */
type Used = Database & { [USERS]?: (() => Promise<void>)[] };

/** Does something before the test's database is closed or given to another test: whoever works on it must stop first. */
export function beforeClosing(database: Database, close: () => Promise<void>): void {
  usersOf(database).push(close);
}

/** How many work on a database. */
export function countUsers(database: Database): number {
  return usersOf(database).length;
}

/** Stops those that work on a database, but for the `first` of them. */
export async function closeUsersOf(database: Database, first = 0): Promise<void> {
  const left = usersOf(database).splice(first);
  await Promise.all(left.map((close) => close()));
}

function usersOf(database: Used): (() => Promise<void>)[] {
  database[USERS] ??= [];
  return database[USERS];
}
