import { describe, expect, test } from "bun:test";
import { DatabaseUnavailable, type Queryable, StatementRefused } from "#database/database.ts";
import { requireOwnConnections } from "#database/engine/connect.ts";
import { openFollowing, openSurvey } from "#database/engine/following.ts";
import { type Hosts, hostsIn, openPicking } from "#database/engine/hosts.ts";
import { serversAt } from "#database/engine/servers.ts";
import { meaningOf } from "#database/refusal.ts";

describe("an address of Postgres", () => {
  test("with one server is that server, whatever it is", () => {
    const url = "postgres://leadgate:p%40ss@db.example/leads?sslmode=verify-full";
    expect(hostsIn(url)).toEqual({ urls: [url], mustWrite: false, together: url });
    expect(hostsIn("postgres:///leads?host=/var/run/postgresql")?.mustWrite).toBe(false);
    expect(hostsIn(`${url}&target_session_attrs=read-write`)).toMatchObject({ urls: [url], mustWrite: true });
  });

  test("with several is each of them by itself, and means the one that takes writes unless it says any", () => {
    const hosts = hostsIn("postgresql://user:secret@a,[::1]:5433,c:5434/leads?sslmode=require");
    expect(hosts?.urls).toEqual([
      "postgresql://user:secret@a/leads?sslmode=require",
      "postgresql://user:secret@[::1]:5433/leads?sslmode=require",
      "postgresql://user:secret@c:5434/leads?sslmode=require",
    ]);
    expect(hosts?.mustWrite).toBe(true);
    expect(hosts?.together).toBe(
      "postgresql://user:secret@a,[::1]:5433,c:5434/leads?sslmode=require&target_session_attrs=primary",
    );
    const any = hostsIn("postgres://a,b/leads?target_session_attrs=any");
    expect(any).toEqual({
      urls: ["postgres://a/leads", "postgres://b/leads"],
      mustWrite: false,
      together: "postgres://a,b/leads",
    });
    expect(hostsIn("postgres://a,b/leads", "any")?.mustWrite).toBe(false);
  });

  test.each(["mysql://a/leads", "leads", "postgres://a,/leads", "postgres://", "postgres://a:99999,b/leads"])(
    "is not %s",
    (url) => expect(hostsIn(url)).toBeUndefined(),
  );

  test("is none when it asks for a server that takes no writes", () => {
    expect(hostsIn("postgres://a,b/leads?target_session_attrs=standby")).toBeUndefined();
  });
});

describe("of several servers", () => {
  const down = new Error("down");
  const picking = (...names: string[]) =>
    openPicking({ urls: names } as unknown as Hosts, (error) => error === down);

  test("the first that serves is taken, and tried first from then on", async () => {
    const tried: string[] = [];
    const up = new Set(["b", "c"]);
    const attempt = async (name: string) => {
      tried.push(name);
      if (!up.has(name)) throw down;
      return name;
    };
    const { first } = picking("a", "b", "c");
    expect(await first(attempt)).toBe("b");
    expect(await first(attempt)).toBe("b");
    up.delete("b");
    expect(await first(attempt)).toBe("c");
    up.clear();
    up.add("a");
    expect(await first(attempt)).toBe("a");
    expect(tried.join("")).toBe("abbbcca");
  });

  test("none serves: what is no outage is told, such as a wrong password", async () => {
    const wrong = new Error("wrong password");
    const attempt = async (name: string): Promise<string> => {
      throw name === "b" ? wrong : down;
    };
    expect(await picking("a", "b", "c").first(attempt).catch(String)).toBe(String(wrong));
    expect(await picking("a", "c").first(attempt).catch(String)).toBe(String(down));
  });
});

describe("a standby", () => {
  function followed(mostLagMs = 5_000) {
    const world = { leader: "0/10" as string | null, follower: "0/10" as string | null, now: 0, asked: 0 };
    const { isRecent } = openFollowing({
      placeOfLeader: async () => {
        world.asked++;
        return world.leader;
      },
      placeOfFollower: async () => world.follower,
      mostLagMs,
      elapsedMs: () => world.now,
    });
    return { world, isRecent };
  }

  test("is read while it has what its leader had a short while ago, and not beyond that", async () => {
    const { world, isRecent } = followed();
    expect(await isRecent()).toBe(true);
    world.leader = "1/0";
    world.now = 4_000;
    expect(await isRecent()).toBe(true);
    world.now = 6_000;
    expect(await isRecent()).toBe(false);
    world.follower = "0/FFFFFFFF";
    world.now = 8_000;
    expect(await isRecent()).toBe(false);
    world.follower = "1/0";
    world.now = 9_500;
    expect(await isRecent()).toBe(true);
  });

  test("is asked for its place once a second at most, and only while somebody reads", async () => {
    const { world, isRecent } = followed();
    for (const now of [0, 100, 900, 1_000, 1_500, 60_000]) {
      world.now = now;
      expect(await isRecent()).toBe(true);
    }
    expect(world.asked).toBe(3);
  });

  test("is neither read nor asked where it may be no moment behind", async () => {
    const { world, isRecent } = followed(0);
    expect(await isRecent()).toBe(false);
    expect(world.asked).toBe(0);
  });

  test("that follows nobody any more, or does not answer, is not read", async () => {
    const { world, isRecent } = followed();
    expect(await isRecent()).toBe(true);
    world.follower = null;
    world.now = 1_000;
    expect(await isRecent()).toBe(false);
  });

  test.each<[string, Error, string]>([
    ["is away", new DatabaseUnavailable("away"), "leader"],
    ["ends what is in the way of what it follows", new StatementRefused("in recovery", "40001"), "leader"],
    [
      "refuses a statement",
      new StatementRefused("no such column", "42703"),
      "StatementRefused: no such column",
    ],
  ])("that %s is read no further, and its leader where that can do better", async (_, failure, found) => {
    const told: string[] = [];
    const survey = openSurvey({
      isRecent: async () => true,
      readStandby: () => Promise.reject(failure),
      readLeader: (work) => work({} as Queryable),
      onProblem: (sentence) => told.push(sentence),
    });
    expect(await survey(async () => "leader").catch(String)).toBe(found);
    expect(told.length).toBe(found === "leader" ? 1 : 0);
  });
});

test("a server that takes connections and hangs up is given up, and connected to no more", async () => {
  let connections = 0;
  const listener = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      open(socket) {
        connections += 1;
        socket.end();
      },
      data() {},
    },
  });
  const servers = serversAt(
    `postgres://leadgate@127.0.0.1:${listener.port}/leads?target_session_attrs=read-write`,
    200,
  );
  const failure = await servers.serving().catch((error: unknown) => error);
  expect(meaningOf(failure)).toBe("unavailable");
  // One may have been under way.
  const until = connections + 1;
  for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setTimeout(resolve));
  expect(connections).toBeLessThanOrEqual(until);
  listener.stop(true);
});

test("a server that takes a connection and then stands still is given up while the connection is set up", async () => {
  const greeted = new Set<unknown>();
  let questions = 0;
  const listener = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      data(socket) {
        if (greeted.has(socket)) {
          questions += 1;
          return;
        }
        greeted.add(socket);
        // Authentication is not needed, a setting, and: ready for questions. None is answered.
        socket.write("R\0\0\0\x08\0\0\0\0S\0\0\0\x08a\0b\0Z\0\0\0\x05I");
      },
    },
  });
  const url = `postgres://leadgate@127.0.0.1:${listener.port}/leads`;
  const attempts = [
    serversAt(url, 200).connect({}),
    serversAt(`${url}?target_session_attrs=read-write`, 200).serving(),
    requireOwnConnections(url, 200),
  ];
  for (const attempt of attempts) {
    expect(meaningOf(await attempt.catch((error: unknown) => error))).toBe("unavailable");
  }
  expect(questions).toBeGreaterThanOrEqual(attempts.length);
  listener.stop(true);
});
