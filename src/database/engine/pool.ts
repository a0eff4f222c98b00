import { DatabaseUnavailable } from "#database/database.ts";
import { withoutValues } from "#database/refusal.ts";
import type { Connection } from "./connection.ts";

/** A number of connections, each lent to one user at a time. Times are milliseconds of `performance.now()`. */
export interface Pool {
  /** @throws DatabaseUnavailable when none is free by `until`, or none can be made. */
  take(until: number): Promise<Connection>;
  /** Takes back a connection; one that is no longer alive makes room for a new one. */
  give(connection: Connection): void;
  /** A new connection in the place of a lost one, which its user keeps for itself. @throws DatabaseUnavailable */
  replace(until: number): Promise<Connection>;
  /** Takes back the place of a connection that was lost and could not be replaced. */
  vacate(): void;
  /** Refuses new users, waits for those there are, and ends every connection, by `end` when that is given. */
  close(end?: (connection: Connection) => Promise<void>): Promise<void>;
}

interface Waiting {
  accept(connection: Connection): void;
  refuse(error: Error): void;
}

/** A pool of at most `size` connections, each made when it is first wanted. */
export function openPool(connect: () => Promise<Connection>, size: number): Pool {
  const idle: Connection[] = [];
  const waiting: Waiting[] = [];
  let places = 0;
  let closed: PromiseWithResolvers<void> | undefined;
  let end = async (connection: Connection) => connection.destroy();

  function take(until: number): Promise<Connection> {
    if (closed !== undefined) return Promise.reject(new DatabaseUnavailable("The database is being closed"));
    for (let connection = idle.pop(); connection !== undefined; connection = idle.pop()) {
      if (connection.alive) return Promise.resolve(connection);
      places--;
    }
    const connection = waitIn(waiting, until);
    if (places < size) void fill();
    return connection;
  }

  /** Makes a connection for whoever waits longest by then. */
  async function fill(): Promise<void> {
    places++;
    try {
      give(await connect());
    } catch (error) {
      waiting.shift()?.refuse(asError(withoutValues(error)));
      vacate();
    }
  }

  function give(connection: Connection): void {
    connection.onLost = undefined;
    if (!connection.alive) {
      vacate();
      return;
    }
    const next = waiting.shift();
    if (next !== undefined) next.accept(connection);
    else if (closed === undefined) idle.push(connection);
    else void end(connection).then(vacate, closed.reject);
  }

  function vacate(): void {
    places--;
    if (waiting.length > 0) void fill();
    else if (places === 0) closed?.resolve();
  }

  async function close(endOne = end): Promise<void> {
    if (closed === undefined) {
      closed = Promise.withResolvers();
      end = endOne;
      if (places === 0) closed.resolve();
      for (const connection of idle.splice(0)) give(connection);
    }
    await closed.promise;
  }

  return { take, give, replace: (until) => connectBy(until, connect), vacate, close };
}

/** Queues for the next connection that comes free or is made, until it is too late. */
function waitIn(waiting: Waiting[], until: number): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      waiting.splice(waiting.indexOf(place), 1);
      reject(new DatabaseUnavailable("No connection to the database came free in time"));
    }, until - performance.now());
    const place: Waiting = {
      accept(connection) {
        clearTimeout(timer);
        resolve(connection);
      },
      refuse(error) {
        clearTimeout(timer);
        reject(error);
      },
    };
    waiting.push(place);
  });
}

/** A new connection, or an error when making it takes too long; it is ended when it comes late. */
async function connectBy(until: number, connect: () => Promise<Connection>): Promise<Connection> {
  const connecting = connect();
  const timer = Promise.withResolvers<never>();
  const timeout = setTimeout(
    () => timer.reject(new DatabaseUnavailable("No connection to the database could be made in time")),
    until - performance.now(),
  );
  try {
    return await Promise.race([connecting, timer.promise]);
  } catch (error) {
    connecting.then(
      (late) => late.destroy(),
      () => undefined,
    );
    throw withoutValues(error);
  } finally {
    clearTimeout(timeout);
  }
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error("Connecting to the database failed", { cause: reason });
}
