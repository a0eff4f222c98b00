import {
  changePerson,
  createPerson,
  type OperatorPerson,
  type PersonChange,
  removePerson,
} from "#access/sessions/person-records.ts";
import { operation } from "#configuration/history.ts";
import { type Author, recordChange } from "#configuration/history-records.ts";
import type { Database } from "#database/database.ts";

/** Makes a person an operator. `taken`: one with this address is it already. */
export function addPerson(
  wanted: Omit<OperatorPerson, "id">,
  database: Database,
  author: Author,
): Promise<OperatorPerson | "taken"> {
  return database.write(async (tx) => {
    const made = await createPerson(tx, wanted, author.now);
    if (made === "taken") return made;
    const differences = Object.entries(wanted).map(([path, to]) => ({ path, to }));
    await recordChange(tx, author, {
      ...operation({ kind: "person", id: made.id }, "person_added", ...differences),
      name: made.name,
    });
    return made;
  });
}

/** Changes what a person is called or may do, from its next request on; undefined when there is none such. */
export function alterPerson(
  id: string,
  wanted: PersonChange,
  database: Database,
  author: Author,
): Promise<OperatorPerson | undefined> {
  return database.write(async (tx) => {
    const before = await changePerson(tx, id, wanted);
    if (before === undefined) return undefined;
    const differences = (["name", "role"] as const).flatMap((path) => {
      const to = wanted[path] ?? before[path];
      return to === before[path] ? [] : [{ path, from: before[path], to }];
    });
    if (differences.length > 0) {
      const change = operation({ kind: "person", id }, "changed", ...differences);
      await recordChange(tx, author, { ...change, name: before.name });
    }
    return { ...before, ...wanted };
  });
}

/** Ends that a person is an operator, at once and on every server; false when there is none such. */
export function endPerson(id: string, database: Database, author: Author): Promise<boolean> {
  return database.write(async (tx) => {
    const wasThere = await removePerson(tx, id, author.now);
    const difference = { path: "removed_at", to: author.now.toISOString() };
    if (wasThere) {
      await recordChange(tx, author, operation({ kind: "person", id }, "person_removed", difference));
    }
    return wasThere;
  });
}
