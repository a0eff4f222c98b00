import { beforeEach, expect, test } from "bun:test";
import { DatabaseUnavailable, StatementRefused } from "#database/database.ts";
import { AttemptRecorder } from "#delivery/outbox/attempt-recorder.ts";
import { Dispatcher } from "#delivery/outbox/dispatcher.ts";
import type { AttemptRecord, Claimed, Due } from "#delivery/outbox/outbox-records.ts";
import type { OutboxStore } from "#delivery/outbox/outbox-store.ts";
import type { Leased } from "#delivery/outbox/recipient-queue.ts";
import { type CompiledRecipient, compileRecipient } from "#delivery/recipients/compiled-recipient.ts";
import type { Recipients } from "#delivery/recipients/recipients.ts";
import type { Attempt } from "#delivery/transport/answer.ts";
import type { OutgoingRequest, Sender } from "#delivery/transport/send.ts";
import { makeSecret } from "#delivery/transport/sign.ts";

import type { Recipient } from "#endpoints/recipient.ts";
import { deliveryIdOf, newUuid } from "#text/ids.ts";
import { JOBS_OF_ONE } from "#time/jobs.ts";
import { webhook } from "../../endpoints/sales.ts";
import { type TestClock, testClock } from "../../support/leadgate.ts";

const CAMPAIGN = "auto";
const ACME: Recipient = "buyer:acme";
const PAIR: Due = { campaignId: CAMPAIGN, recipient: ACME };

/** What the dispatcher works with, without a database or a socket. */
class World {
  readonly clock: TestClock = testClock();
  readonly recipients = new Map<Recipient, CompiledRecipient>();
  readonly up = new Set<Recipient>([ACME]);
  /** How many requests an endpoint admits next that is not up: 1 for a probe. */
  admitted = 0;
  /** When an endpoint may be tried that is not up, in ms since 1970. */
  triedAgainAt = Number.POSITIVE_INFINITY;
  /** Whether servers are told of what changes. */
  told = true;
  /** Whether recipients cannot be read. */
  isUnreadable = false;
  /** When something is due next. */
  nextAt = Number.POSITIVE_INFINITY;
  /** How often it was looked at what is due, and recipients were read again. */
  looks = 0;
  refreshed = 0;
  /** How often it was told that something was answered that nobody waits for. */
  answered = 0;
  /** Whether the next look fails. */
  failNext: false | Error = false;
  /** What a look waits for. */
  reading = Promise.resolve();
  readonly due: Claimed[] = [];
  readonly claims: number[] = [];
  readonly givenBack: string[] = [];
  /** Deliveries that a decision has ended while they were leased, and of how many it was asked whether that is so. */
  readonly ended = new Set<string>();
  readonly asked: number[] = [];
  /** Whose deliveries were given up, and whose cannot be. */
  readonly givenUp: Recipient[] = [];
  readonly broken = new Set<Recipient>();
  readonly finished: AttemptRecord[] = [];
  readonly learnt: string[] = [];
  readonly warnings: string[] = [];
  /** Requests that have gone out and wait for their answer, the oldest first. */
  readonly requests: { request: OutgoingRequest; answer: (attempt: Attempt) => void }[] = [];
  readonly dispatcher: Dispatcher;

  constructor(maxInFlight = 20) {
    this.recipients.set(ACME, {
      ...compileRecipient(webhook({ max_in_flight: maxInFlight })),
      secrets: [makeSecret()],
    });
    const ignore = () => undefined;
    const warn = (message: string) => this.warnings.push(message);
    this.dispatcher = new Dispatcher({
      outbox: this.#outbox(),
      recipients: this.#recipients(),
      sender: this.#sender(),
      mailer: null,
      clock: this.clock,
      random: () => 0.5,
      userAgent: "Leadgate/test",
      refused: ignore,
      answered: () => void (this.answered += 1),
      isTold: () => this.told,
      jobs: JOBS_OF_ONE,
      graphUrl: "https://graph.example",
      log: { debug: ignore, info: ignore, warn, error: warn },
      observer: {
        requestAnswered: ignore,
        rateLimited: ignore,
        batchCommitted: ignore,
        pinged: ignore,
        leadForwarded: ignore,
        databaseWritten: ignore,
        attemptEnded: ignore,
      },
    });
  }

  /** Writes deliveries that are due. */
  write(count: number): void {
    for (let written = 0; written < count; written += 1) this.due.push(this.#delivery());
  }

  /** Deliveries that were written with a lease of this server. */
  leased(count: number, leftMs = 60_000): Leased[] {
    const lease = { id: newUuid(), endsAt: this.clock.now().getTime() + leftMs };
    return Array.from({ length: count }, () => ({ delivery: this.#delivery(), lease }));
  }

  /** Answers the oldest request that waits. */
  async answer(status = 200): Promise<void> {
    this.requests.shift()?.answer({
      startedAt: this.clock.now(),
      durationMs: 10,
      result: {
        kind: "answered",
        status,
        contentType: null,
        retryAfterSeconds: null,
        body: "",
        truncated: false,
      },
    });
    await settled();
  }

  async wake(): Promise<void> {
    this.dispatcher.wake(CAMPAIGN, [ACME]);
    await settled();
  }

  #delivery(): Claimed {
    return {
      id: newUuid(),
      campaignId: CAMPAIGN,
      recipient: ACME,
      event: "lead.accepted",
      contentType: "application/json",
      body: "{}",
      subject: null,
      request: null,
      trace: null,
      attempt: 1,
      byHand: false,
      asks: false,
      giveUpAt: this.clock.now().getTime() + 86_400_000,
    };
  }

  #outbox(): OutboxStore {
    return {
      whatIsDue: async () => {
        this.looks += 1;
        await this.reading;
        const isFailing = this.failNext;
        this.failNext = false;
        if (isFailing) throw isFailing;
        const broken = [...this.broken].map((recipient) => ({ campaignId: CAMPAIGN, recipient }));
        return { due: [...broken, ...(this.due.length > 0 ? [PAIR] : [])], nextAt: this.nextAt, since: null };
      },
      giveUp: async ({ recipient }) => {
        if (this.broken.has(recipient)) throw new Error("it cannot be given up");
        this.givenUp.push(recipient);
      },
      claim: async (_pair, { limit }) => {
        this.claims.push(limit);
        return this.due.splice(0, limit);
      },
      stillPending: async (_campaign, leases) => {
        this.asked.push(leases.length);
        return new Set(leases.map(({ id }) => id).filter((id) => !this.ended.has(id)));
      },
      giveBack: async (_campaign, leases) => void this.givenBack.push(...leases.map(({ id }) => id)),
      finish: async (_campaign, results) => void this.finished.push(...results),
    };
  }

  #recipients(): Recipients {
    const find = (recipient: Recipient) => this.recipients.get(recipient) ?? compileRecipient(null);
    return {
      refresh: async () => void (this.refreshed += 1),
      invalidate: () => undefined,
      requireRevision: () => undefined,
      upToDate: async () => undefined,
      find,
      locked: () => [],
      isDown: () => false,
      isReachable: (recipient) => this.up.has(recipient),
      mayTryAt: (recipient) => (this.up.has(recipient) ? 0 : this.triedAgainAt),
      endpoints: () => [],
      mostInFlight: async (recipient) => {
        if (this.isUnreadable) throw new DatabaseUnavailable("away");
        if (this.up.has(recipient)) return find(recipient).mostInFlight;
        const admitted = this.admitted;
        this.admitted = 0;
        return admitted;
      },
      learn: async (_recipient, outcome) => void this.learnt.push(outcome),
    };
  }

  #sender(): Sender {
    return {
      send: (request) => {
        const { promise, resolve } = Promise.withResolvers<Attempt>();
        this.requests.push({ request, answer: resolve });
        return promise;
      },
      close: () => undefined,
    };
  }
}

/** Lets everything happen that waits for nothing but its turn. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
}

let world: World;
beforeEach(() => {
  world = new World(3);
});

test("the dispatcher claims no more deliveries than may be in flight to a recipient, and sends them", async () => {
  world.write(5);
  await world.wake();
  expect(world.claims).toEqual([3]);
  expect(world.requests).toHaveLength(3);
  expect(world.dispatcher.inFlight()).toBe(3);
});

/** So many turns of promises are more than a claim, or a recording without a pause, takes. */
const MOST_TURNS = 40;

test("the dispatcher claims what becomes due at whichever moment of an earlier claim, its last one too", async () => {
  for (let turns = 0; turns < MOST_TURNS; turns += 1) {
    const moment = new World(3);
    moment.write(1);
    moment.dispatcher.wake(CAMPAIGN, [ACME]);
    for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
    moment.write(1);
    await moment.wake();
    expect([turns, moment.requests.length]).toEqual([turns, 2]);
  }
});

test("the dispatcher records what ends at whichever moment of an earlier recording, its last one too", async () => {
  for (let turns = 0; turns < MOST_TURNS; turns += 1) {
    const finished: string[] = [];
    const ignore = () => undefined;
    const recorder = new AttemptRecorder({
      outbox: { finish: async (campaignId) => void finished.push(campaignId) },
      clock: world.clock,
      log: { debug: ignore, info: ignore, warn: ignore, error: ignore },
      refused: ignore,
      answered: ignore,
      again: ignore,
    });
    recorder.hurry();
    const ended = (campaignId: string) => ({ campaignId, result: {} as AttemptRecord, isTakenOver: false });
    recorder.add(ended("first"));
    for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
    recorder.add(ended("second"));
    await settled();
    expect([turns, ...finished]).toEqual([turns, "first", "second"]);
  }
});

/** A recorder of attempts whose database answers as `finish` does, and what it has warned of. */
function recorderOn(finish: OutboxStore["finish"]) {
  const [clock, warnings] = [testClock(), [] as unknown[]];
  const ignore = () => undefined;
  const warn = (_: string, fields?: { count?: unknown }) => void warnings.push(fields?.count);
  const recorder = new AttemptRecorder({
    outbox: { finish },
    clock,
    log: { debug: ignore, info: ignore, warn, error: ignore },
    refused: ignore,
    answered: ignore,
    again: ignore,
  });
  const add = (...ids: string[]) => {
    for (const id of ids)
      recorder.add({ campaignId: CAMPAIGN, result: { id } as AttemptRecord, isTakenOver: false });
  };
  return { recorder, clock, warnings, add };
}

test("the dispatcher records attempts that ended while the database was away once it is back", async () => {
  let isAway = true;
  const recorded: string[] = [];
  const { recorder, clock, warnings, add } = recorderOn(async (_, results) => {
    if (isAway) throw new DatabaseUnavailable("away");
    recorded.push(...results.map(({ id }) => id));
  });
  add("a", "b");
  await recorder.done();
  clock.pass(1_000);
  await recorder.done();
  expect([recorded, warnings]).toEqual([[], [1, 2]]);
  isAway = false;
  add("c");
  clock.pass(1_000);
  await recorder.done();
  expect([recorded.toSorted(), warnings]).toEqual([
    ["a", "b", "c"],
    [1, 2],
  ]);
});

test("the dispatcher does not record attempts any more that were made again long since, or when it stops", async () => {
  let asked = 0;
  const away = recorderOn(async () => {
    asked += 1;
    throw new DatabaseUnavailable("away");
  });
  away.add("a");
  await away.recorder.done();
  away.clock.pass(60_000);
  await away.recorder.done();
  away.clock.pass(60_000);
  await away.recorder.done();
  expect(asked).toBe(2);
  away.add("b");
  await away.recorder.done();
  away.recorder.hurry();
  await away.recorder.done();
  away.clock.pass(1_000);
  await away.recorder.done();
  expect(asked).toBe(4);
});

test("of attempts that are recorded together, one that the database refuses is not recorded, and all others are", async () => {
  const recorded: string[] = [];
  const { recorder, warnings, add } = recorderOn(async (_, results) => {
    if (results.some(({ id }) => id === "bad")) throw new StatementRefused("refused", "22P05");
    recorded.push(...results.map(({ id }) => id));
  });
  recorder.hurry();
  add("a", "b", "bad", "c", "d");
  await recorder.done();
  expect([recorded.toSorted(), warnings]).toEqual([["a", "b", "c", "d"], [1]]);
});

test("the dispatcher claims the rest once more than half of the places are free", async () => {
  world.write(5);
  await world.wake();
  await world.answer();
  expect(world.claims).toEqual([3]);
  await world.answer();
  expect(world.claims).toEqual([3, 2]);
  expect(world.requests).toHaveLength(3);
});

test("the dispatcher leases ahead for a recipient as many deliveries as it took within a second", async () => {
  world.write(40);
  await world.wake();
  for (let answered = 0; answered < 12; answered += 1) await world.answer();
  expect(Math.max(...world.claims)).toBeGreaterThan(3);
  expect(world.requests).toHaveLength(3);
});

test("the dispatcher sends deliveries that were written with a lease at once, as far as there are places", async () => {
  world.dispatcher.send(world.leased(5));
  await settled();
  expect(world.requests).toHaveLength(3);
  await world.answer();
  expect(world.requests).toHaveLength(3);
  expect(world.claims).toEqual([]);
});

test("the dispatcher gives back what could not be sent before its lease has too little left", async () => {
  world.dispatcher.send(world.leased(4, 60_000));
  await settled();
  world.clock.pass(30_000);
  await world.answer();
  expect(world.requests).toHaveLength(2);
  expect(world.givenBack).toHaveLength(1);
});

test("the dispatcher asks whether what has waited for a place is still to be sent, and drops what is not", async () => {
  const leased = world.leased(6);
  world.dispatcher.send(leased);
  await settled();
  expect(world.requests).toHaveLength(3);
  world.clock.pass(2_000);
  world.ended.add(leased[3]?.delivery.id ?? "");
  await world.answer();
  // The fourth was taken back: the fifth has its place.
  expect(world.asked).toEqual([1, 1]);
  expect(world.requests).toHaveLength(3);
  expect(world.requests.at(-1)?.request.headers["webhook-id"]).toBe(
    deliveryIdOf(leased[4]?.delivery.id ?? ""),
  );
  await world.answer();
  expect(world.requests).toHaveLength(3);
  expect(world.dispatcher.inFlight()).toBe(3);
});

test("the dispatcher sends what has just been leased without asking once more", async () => {
  world.dispatcher.send(world.leased(5));
  await settled();
  await world.answer();
  expect([world.asked, world.requests.length]).toEqual([[], 3]);
});

test("the dispatcher gives back what waits when the endpoint goes down", async () => {
  world.dispatcher.send(world.leased(5));
  await settled();
  world.up.delete(ACME);
  await world.answer(503);
  expect(world.givenBack).toHaveLength(2);
  expect(world.requests).toHaveLength(2);
});

test("the dispatcher lets nothing be written with a lease while other deliveries are due, or the endpoint is down", async () => {
  expect(world.dispatcher.spareLeases(ACME)).toBe(3);
  world.write(4);
  await world.wake();
  expect(world.dispatcher.spareLeases(ACME)).toBe(0);
  world.up.delete(ACME);
  expect(new World().dispatcher.spareLeases("buyer:gone")).toBe(0);
});

test("the dispatcher sends a single probe to an endpoint that is down, and nothing when none is due", async () => {
  world.up.delete(ACME);
  world.write(5);
  await world.wake();
  expect(world.requests).toHaveLength(0);
  world.admitted = 1;
  await world.wake();
  expect(world.claims).toEqual([1]);
  expect(world.requests).toHaveLength(1);
});

test("the dispatcher does not ask through an endpoint that is down", async () => {
  world.up.delete(ACME);
  const [leased] = world.leased(1);
  if (leased === undefined) throw new Error("nothing is leased");
  expect(await world.dispatcher.ask(leased, 1_000)).toBe("not_asked");
  expect(world.requests).toHaveLength(0);
});

test("the dispatcher does not ask when another server may ask before the answer is there, or whom it cannot read up on", async () => {
  const [late] = world.leased(1, 30_000);
  const [leased] = world.leased(1);
  if (late === undefined || leased === undefined) throw new Error("nothing is leased");
  expect(await world.dispatcher.ask(late, 1_000)).toBe("not_asked");
  world.isUnreadable = true;
  expect(await world.dispatcher.ask(leased, 1_000)).toBe("not_asked");
  expect(world.requests).toHaveLength(0);
  expect(world.warnings).toEqual(["a buyer cannot be asked"]);
});

test("the dispatcher asks at once however many deliveries are in flight, within the time that it is given", async () => {
  world.dispatcher.send(world.leased(3));
  await settled();
  const [leased] = world.leased(1);
  if (leased === undefined) throw new Error("nothing is leased");
  const asking = world.dispatcher.ask(leased, 700);
  await settled();
  expect(world.requests).toHaveLength(4);
  expect(world.requests.at(-1)?.request.timeoutMs).toBe(700);
  while (world.requests.length > 0) await world.answer();
  expect(await asking).toMatchObject({ verdict: "accepted" });
});

test("the dispatcher records how each attempt ended, and tells what it says of the endpoint", async () => {
  world.write(2);
  await world.wake();
  await world.answer(200);
  await world.answer(500);
  await world.dispatcher.stop();
  expect(world.finished.map(({ state, httpStatus }) => [state, httpStatus])).toEqual([
    ["delivered", 200],
    ["pending", 500],
  ]);
  expect(world.learnt).toEqual(["ok", "failed"]);
});

test("a dispatcher that is closed claims nothing more, gives back what waits, and ends when the last attempt is recorded", async () => {
  world.dispatcher.send(world.leased(5));
  await settled();
  const closing = world.dispatcher.stop();
  await settled();
  expect(world.givenBack).toHaveLength(2);
  world.write(1);
  await world.wake();
  expect(world.claims).toEqual([]);
  for (let answered = 0; answered < 3; answered += 1) await world.answer();
  await closing;
  expect(world.finished).toHaveLength(3);
  expect(world.dispatcher.inFlight()).toBe(0);
});

test("the dispatcher goes on when a claim fails, and claims again when it is woken", async () => {
  const broken = new World(3);
  const claim = broken.due;
  claim.splice = () => {
    throw new Error("the database is away");
  };
  await broken.wake();
  expect(broken.warnings).toEqual(["deliveries cannot be claimed"]);
  expect(broken.dispatcher.inFlight()).toBe(0);
});

/** How often it has looked at the outbox once so much time has passed, in ms. */
async function looksAfter(ms: number): Promise<number> {
  world.clock.pass(ms);
  await settled();
  return world.looks;
}

test("a dispatcher with nothing to do looks at the outbox and at recipients twice a minute", async () => {
  world.dispatcher.start();
  expect(await looksAfter(0)).toBe(1);
  expect(await looksAfter(29_999)).toBe(1);
  expect(await looksAfter(1)).toBe(2);
  expect(world.refreshed).toBe(2);
});

test("a dispatcher that nobody tells of changes looks every second", async () => {
  world.told = false;
  world.dispatcher.start();
  await looksAfter(0);
  expect(await looksAfter(1_000)).toBe(2);
  expect(world.refreshed).toBe(2);
});

test("the dispatcher looks when it is told of a change", async () => {
  world.dispatcher.start();
  await looksAfter(0);
  world.dispatcher.look();
  expect(await looksAfter(0)).toBe(2);
});

test("the dispatcher looks at the moment when the next delivery is due", async () => {
  world.nextAt = world.clock.now().getTime() + 5_000;
  world.dispatcher.start();
  await looksAfter(0);
  world.nextAt = Number.POSITIVE_INFINITY;
  expect(await looksAfter(4_999)).toBe(1);
  world.write(1);
  expect(await looksAfter(1)).toBe(2);
  expect(world.requests).toHaveLength(1);
});

test("the dispatcher looks when what failed is to be tried again", async () => {
  world.dispatcher.start();
  await looksAfter(0);
  world.dispatcher.send(world.leased(1));
  await settled();
  await world.answer(500);
  const [failed] = world.finished;
  expect(failed?.state).toBe("pending");
  const wait = Date.parse(failed?.nextAt ?? "") - world.clock.now().getTime();
  expect(await looksAfter(wait - 1)).toBe(1);
  expect(await looksAfter(1)).toBe(2);
});

test("the dispatcher looks again for an endpoint that is down when that may be tried, or is up", async () => {
  world.up.delete(ACME);
  world.triedAgainAt = world.clock.now().getTime() + 10_000;
  world.write(1);
  world.dispatcher.start();
  await looksAfter(0);
  expect(await looksAfter(9_999)).toBe(1);
  expect(await looksAfter(1)).toBe(2);
});

test("the dispatcher looks again soon when a look failed, and not any more once it is stopped", async () => {
  world.dispatcher.start();
  await looksAfter(0);
  world.failNext = new Error("away");
  world.dispatcher.look();
  expect(await looksAfter(0)).toBe(2);
  expect(world.warnings).toEqual(["the outbox cannot be read"]);
  expect(await looksAfter(1_000)).toBe(3);
  await world.dispatcher.stop();
  expect(await looksAfter(60_000)).toBe(3);
});

test("a dispatcher that is stopped has stopped when the look that it is at has ended", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  world.reading = promise;
  world.dispatcher.start();
  await looksAfter(0);
  let hasStopped = false;
  const stopping = world.dispatcher.stop().then(() => (hasStopped = true));
  await settled();
  expect(hasStopped).toBe(false);
  resolve();
  await stopping;
  expect(world.looks).toBe(1);
});

test("the dispatcher tells of an answer when a server that died had asked, and not when somebody waits for it", async () => {
  const [asking, ...none] = world.leased(1);
  if (asking === undefined || none.length > 0) throw new Error("one was wanted");
  const delivery = { ...asking.delivery, asks: true };
  const asked = world.dispatcher.ask({ ...asking, delivery }, 5_000);
  await settled();
  await world.answer();
  await asked;
  expect(world.answered).toBe(0);
  world.due.push(delivery);
  await world.wake();
  await world.answer();
  await world.dispatcher.stop();
  expect(world.answered).toBe(1);
});

test("deliveries of one recipient that cannot be given up hold up those of no other", async () => {
  world.broken.add("buyer:bolt");
  world.write(1);
  world.dispatcher.start();
  await looksAfter(0);
  expect(world.givenUp).toEqual([ACME]);
  expect(world.claims).toHaveLength(1);
  expect(world.warnings).toEqual(["deliveries that are too late cannot be given up"]);
});
