import { DatabaseUnavailable, type Queryable, type Row } from "#database/database.ts";
import { queryableOver } from "#database/queryable.ts";
import { withoutValues } from "#database/refusal.ts";
import { type Connection, sendOn } from "./connection.ts";
import type { Pool } from "./pool.ts";
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
    const ask = questionsOver(pool, performance.now() + deadlineMs);
    const db = queryableOver((...statement) => ask((connection) => sendOn(connection)(...statement)));
    return await Promise.race([work(db), late.promise]);
  } catch (error) {
    throw withoutValues(error);
  } finally {
    clearTimeout(timer);
  }
}

type Question = (connection: Connection) => Promise<Row[]>;

/** A connection, held as long as statements that overlap in time are under way on it. */
interface Hold {
  readonly taken: Promise<{ connection: Connection; broken: ReturnType<typeof watch> }>;
  statements: number;
}

/** Asks single questions on the pool's connections, those that overlap in time on the same one. */
function questionsOver(pool: Pool, until: number): (question: Question) => Promise<Row[]> {
  let current: Hold | undefined;

  async function ask(question: Question, again = true): Promise<Row[]> {
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

  return ask;
}
