import type { Row, Sql } from "postgres";
import type { Connection } from "./connection.ts";
import { DatabaseUnavailable, type Queryable } from "./database.ts";
import type { Pool } from "./pool.ts";
import { queryableOver } from "./queryable.ts";
import { withoutValues } from "./refusal.ts";
import { watch } from "./transaction.ts";

/**
 * Runs `work` on borrowed connections. One is held only while a statement is under way, so that work which waits for something
 * else keeps nobody out. They are read-only, which is why a statement whose connection died may be asked once more.
 *
 * @throws DatabaseUnavailable when `work` is not done within `deadlineMs`.
 */
export async function readThrough<T>(
  pool: Pool,
  work: (db: Queryable) => Promise<T>,
  deadlineMs: number,
): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new DatabaseUnavailable("The database did not answer in time")),
    deadlineMs,
  );
  try {
    const client = clientOver(pool, performance.now() + deadlineMs);
    return await Promise.race([work(queryableOver(client)), late.promise]);
  } catch (error) {
    throw withoutValues(error);
  } finally {
    clearTimeout(timer);
  }
}

type Ask = (connection: Connection) => Promise<Row[]>;

/** A connection, held as long as statements that overlap in time are under way on it. */
interface Hold {
  readonly taken: Promise<{ connection: Connection; broken: ReturnType<typeof watch> }>;
  statements: number;
}

/** As much of a postgres.js client as Drizzle needs for single statements. */
function clientOver(pool: Pool, until: number): Sql {
  let current: Hold | undefined;

  function unsafe(...[text, parameters, options]: Parameters<Sql["unsafe"]>) {
    const rows: Ask = ({ sql }) => sql.unsafe(text, parameters, options);
    const values: Ask = ({ sql }) => sql.unsafe(text, parameters, options).values() as Promise<Row[]>;
    // As with the driver's own pending query, there is a moment in which Drizzle may ask for `values()` instead.
    let form = rows;
    const answer = Promise.resolve().then(() => ask(form));
    return Object.assign(answer, {
      values() {
        form = values;
        return answer;
      },
    });
  }

  async function ask(question: Ask, again = true): Promise<Row[]> {
    const hold = current ?? startHold();
    current = hold;
    hold.statements++;
    try {
      const { connection, broken } = await hold.taken;
      try {
        return await Promise.race([question(connection), broken.promise]);
      } catch (error) {
        if (connection.alive) throw error;
        if (current === hold) current = undefined;
        if (!again || performance.now() >= until)
          throw new DatabaseUnavailable("The connection to the database was lost");
      }
    } finally {
      if (--hold.statements === 0) release(hold);
    }
    return ask(question, false);
  }

  function startHold(): Hold {
    const taken = pool.take(until).then((connection) => ({ connection, broken: watch(connection, until) }));
    return { taken, statements: 0 };
  }

  function release(hold: Hold): void {
    if (current === hold) current = undefined;
    hold.taken.then(
      ({ connection, broken }) => {
        broken.stop();
        pool.give(connection);
      },
      () => undefined,
    );
  }

  return { unsafe } as unknown as Sql;
}
