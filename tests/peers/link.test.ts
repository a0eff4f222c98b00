import { afterEach, describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { rename, rm, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isGone, type Link, LinkLost, openLink, type PeerPlace } from "#peers/link.ts";
import { type AnswerPeer, type ListeningPlace, listenAt } from "#peers/listening-place.ts";
import { newLocalSocket, removeDeserted } from "#peers/local-socket.ts";

const KEY = new Uint8Array(32).fill(1);
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** Timers that the test lets run. `looked`: resolves when the time is asked for next, as a link does when it hears anything. */
function handMovedClock() {
  const clock = { now: 0, due: [] as { at: number; run: () => void }[], look: Promise.withResolvers<void>() };
  return {
    elapsedMs() {
      clock.look.resolve();
      return clock.now;
    },
    looked() {
      clock.look = Promise.withResolvers();
      return clock.look.promise;
    },
    after(ms: number, run: () => void) {
      const timer = { at: clock.now + ms, run };
      clock.due.push(timer);
      return () => void clock.due.splice(clock.due.indexOf(timer), 1);
    },
    pass(ms: number) {
      clock.now += ms;
      for (const timer of clock.due.splice(0)) {
        if (timer.at <= clock.now) timer.run();
        else clock.due.push(timer);
      }
    },
  };
}

const aSocket = (): PeerPlace => ({
  path: join(tmpdir(), `leadgate-test-${crypto.randomUUID().slice(0, 8)}.sock`),
});

/** A port of an address, on which nobody listens any more. */
function aPort(host: string): PeerPlace {
  const listener = Bun.listen({ hostname: host, port: 0, socket: { data: () => undefined } });
  const { port } = listener;
  listener.stop(true);
  return { host, port };
}

async function pair(answer: AnswerPeer, key = KEY, at = aSocket()) {
  const clock = handMovedClock();
  const place: ListeningPlace = await listenAt(at, KEY, answer);
  const link: Link = openLink(at, key, clock);
  ends.push(link.close, () => place.close());
  return { link, place, clock };
}

const failureOf = (asked: Promise<unknown>) =>
  asked.then(
    () => undefined,
    (error: unknown) => error,
  );

describe("a link between servers", () => {
  test("answers many questions at once, each with its own answer, whichever comes first", async () => {
    const { link } = await pair(async (question) => {
      if (question === "slow") await Bun.sleep(5);
      return JSON.stringify({ said: question });
    });
    const said = ["slow", "a", { b: ["€", '"\\'] }, null];
    const answers = await Promise.all(said.map((each) => link.ask(JSON.stringify(each))));
    expect(answers).toEqual(said.map((each) => ({ said: each })));
    expect(await link.ask('"again"')).toEqual({ said: "again" });
  });

  test("goes between addresses too, where the key is asked for all the same", async () => {
    const told = async () => '"told"';
    const { link } = await pair(told, KEY, aPort("127.0.0.1"));
    expect(await link.ask('"who?"')).toBe("told");
    const stranger = await pair(told, new Uint8Array(32).fill(2), aPort("127.0.0.1"));
    expect(await failureOf(stranger.link.ask('"who?"'))).toBeInstanceOf(LinkLost);
    expect(await stranger.link.ask('"who?"').catch(() => "refused")).toBe("refused");
  });

  test("is given up after a second with who takes the connection and says nothing, with nothing sent", async () => {
    const mute = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => undefined } });
    const clock = handMovedClock();
    const link = openLink({ host: "127.0.0.1", port: mute.port }, KEY, clock);
    ends.push(link.close, () => mute.stop(true));
    const asked = failureOf(link.ask('"who?"'));
    clock.pass(1_000);
    expect(await asked).toMatchObject({ name: "LinkLost", wasSent: false });
  });

  test("is known to be impossible with a place where nobody listens, and with no other", async () => {
    const clock = handMovedClock();
    const nobody = [aSocket(), aPort("127.0.0.1")];
    expect(await Promise.all(nobody.map((place) => isGone(place, clock)))).toEqual([true, true]);
    const place = aPort("127.0.0.1");
    const listening = await listenAt(place, KEY, async () => "null");
    ends.push(() => listening.close());
    expect(await isGone(place, clock)).toBe(false);
  });

  test("does not begin with who has another key", async () => {
    const { link } = await pair(async () => '"told"', new Uint8Array(32).fill(2));
    expect(await failureOf(link.ask('"who?"'))).toBeInstanceOf(LinkLost);
  });

  test("says of a question whether it was sent when there is nobody", async () => {
    const { link, place } = await pair(async () => '"told"');
    await place.close();
    expect(await failureOf(link.ask('"who?"'))).toMatchObject({ name: "LinkLost", wasSent: false });
  });

  test("that is cut leaves open what became of what was sent, and is made anew for the next question", async () => {
    let isCut = false;
    const { link } = await pair(async (question) => {
      if (!isCut) {
        isCut = true;
        throw new Error("cut");
      }
      return JSON.stringify(question);
    });
    expect(await failureOf(link.ask("1"))).toMatchObject({ name: "LinkLost", wasSent: true });
    expect(await link.ask("2")).toBe(2);
  });

  test("is given up when the other gives no sign of life while it owes an answer, and not while it only takes its time", async () => {
    const late = Promise.withResolvers<string>();
    const { link, clock } = await pair(async (question) =>
      question === "quick" ? '"at once"' : await late.promise,
    );
    expect(await link.ask('"quick"')).toBe("at once");
    const asked = link.ask('"slow"');
    for (let second = 0; second < 6; second++) {
      clock.pass(1_000);
      // The sign of life has come there and back.
      await clock.looked();
    }
    late.resolve('"at last"');
    expect(await asked).toBe("at last");

    const dead = failureOf(link.ask('"dead"'));
    clock.pass(3_000);
    expect(await dead).toMatchObject({ name: "LinkLost" });
  });
});

describe("sockets in the temporary folder", () => {
  /** One at which nobody listens any more, as a killed server leaves it. */
  async function desertedSince(minutes: number): Promise<string> {
    const [path, moved] = [newLocalSocket(), newLocalSocket()];
    const listening = await listenAt({ path }, KEY, async () => "null");
    await rename(path, moved);
    await listening.close();
    await aged(moved, minutes);
    ends.push(() => rm(moved, { force: true }));
    return moved;
  }

  async function aged(path: string, minutes: number): Promise<void> {
    const at = new Date(Date.now() - minutes * 60_000);
    await utimes(path, at, at);
  }

  test("go when nobody listens at them, and stay of servers that live or have just begun", async () => {
    const [own, others] = [newLocalSocket(), newLocalSocket()];
    for (const path of [own, others]) {
      const listening = await listenAt({ path }, KEY, async () => "null");
      ends.push(() => listening.close());
    }
    await aged(others, 60);
    const [deserted, justMade] = [await desertedSince(2), await desertedSince(0)];
    await removeDeserted(own, handMovedClock());
    expect([own, others, deserted, justMade].map((path) => existsSync(path))).toEqual([
      true,
      true,
      false,
      true,
    ]);
  });
});
