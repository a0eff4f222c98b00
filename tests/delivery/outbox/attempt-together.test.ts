import { describe, expect, test } from "bun:test";
import { attemptTogether } from "#delivery/outbox/attempt-together.ts";
import type { Claimed } from "#delivery/outbox/outbox-records.ts";
import { compileRecipient } from "#delivery/recipients/compiled-recipient.ts";
import type { Attempt } from "#delivery/transport/answer.ts";
import type { OutgoingRequest } from "#delivery/transport/send.ts";
import { compileDataset } from "#endpoints/conversion/conversion-settings.ts";
import { newUuid } from "#text/ids.ts";
import { testClock } from "../../support/leadgate.ts";

const TOKEN = "EAAB0123456789abcdef";
const WEEK_MS = 604_800_000;

const clock = testClock();
const settings = compileDataset({
  type: "meta",
  dataset_id: "1234567890123456",
  events: { accepted: "Lead" },
  action_source: "system_generated",
  test_event_code: "TEST1",
  map: {},
});

/** An event that is this old, in ms; one that is bad is refused. */
function anEvent({ ageMs = 0, bad = false } = {}): Claimed {
  const at = clock.now().getTime() - ageMs;
  return {
    id: newUuid(),
    campaignId: "solar",
    recipient: "conversion:facebook",
    event: "conversion.accepted",
    contentType: "application/json",
    body: JSON.stringify({ event_time: Math.floor(at / 1000), bad }),
    subject: null,
    request: null,
    trace: null,
    attempt: 1,
    byHand: false,
    asks: false,
    giveUpAt: at + WEEK_MS,
  };
}

const events = (count: number, bad: readonly number[] = []) =>
  Array.from({ length: count }, (_, index) => anEvent({ bad: bad.includes(index) }));

type Sent = { data: { bad: boolean }[]; access_token: string; test_event_code: string };
type Answer = (sent: Sent) => { status: number; body: unknown };

/** Meta: it refuses a request in which an event is bad, and does not say which one it is. */
const meta: Answer = ({ data }) =>
  data.some(({ bad }) => bad)
    ? { status: 400, body: { error: { code: 100, message: "Invalid parameter" } } }
    : { status: 200, body: { events_received: data.length, fbtrace_id: "T" } };

/** Sends the events to one that answers so; what came of each, and how many went out with each request. */
async function sendTo(answer: Answer, deliveries: readonly Claimed[], secrets: readonly string[] = [TOKEN]) {
  const requests: { url: string; headers: object; sent: Sent }[] = [];
  const send = async (request: OutgoingRequest): Promise<Attempt> => {
    const sent = JSON.parse(String(request.body)) as Sent;
    requests.push({ url: request.url, headers: request.headers, sent });
    const { status, body } = answer(sent);
    const result = {
      kind: "answered",
      contentType: null,
      retryAfterSeconds: null,
      truncated: false,
    } as const;
    return {
      startedAt: clock.now(),
      durationMs: 5,
      result: { ...result, status, body: JSON.stringify(body) },
    };
  };
  const ended = await attemptTogether(
    {
      deliveries,
      lease: newUuid(),
      recipient: { ...compileRecipient(settings), secrets },
      settings,
      signal: new AbortController().signal,
    },
    {
      sender: { send, close: () => undefined },
      mailer: null,
      clock,
      random: () => 0.5,
      userAgent: "Leadgate/test",
      graphUrl: "https://graph.example",
    },
  );
  const byId = new Map(ended.results.map((result) => [result.id, result]));
  return { ...ended, requests, of: (delivery: Claimed | undefined) => byId.get(delivery?.id ?? "") };
}

describe("events for Meta", () => {
  test("go out in one request, with the token in its body and nowhere else", async () => {
    const { requests, results, endpoint } = await sendTo(meta, events(1000));
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({
      url: "https://graph.example/v23.0/1234567890123456/events",
      headers: { "content-type": "application/json", "user-agent": "Leadgate/test" },
      sent: { access_token: TOKEN, test_event_code: "TEST1" },
    });
    expect(JSON.stringify([requests[0]?.url, requests[0]?.headers])).not.toContain(TOKEN);
    expect(new Set(results.map(({ state, reference }) => `${state} ${reference}`))).toEqual(
      new Set(["delivered T"]),
    );
    expect(endpoint).toBe("ok");
  });

  test("are all taken but the one that Meta refuses, which is found by halving", async () => {
    const deliveries = events(1000, [777]);
    const { of, results, requests, unsent } = await sendTo(meta, deliveries);
    expect(results).toHaveLength(1000);
    expect(unsent).toEqual([]);
    expect(of(deliveries[777])).toMatchObject({ state: "rejected", reason: "(#100) Invalid parameter" });
    expect(results.filter(({ state }) => state === "delivered")).toHaveLength(999);
    expect(requests.length).toBeLessThan(25);
  });

  test("that are too many to be sorted out at once are left for another request, and some are every time", async () => {
    const { results, unsent, requests } = await sendTo(
      meta,
      events(
        1000,
        Array.from({ length: 1000 }, (_, i) => i),
      ),
    );
    expect(requests.length).toBe(50);
    expect(results.length).toBeGreaterThan(10);
    expect(results.length + unsent.length).toBe(1000);
  });

  test("of which Meta receives fewer than were sent are sent apart until it is known which", async () => {
    const deliveries = events(4, [2]);
    const partial: Answer = ({ data }) => ({
      status: 200,
      body: { events_received: data.filter(({ bad }) => !bad).length },
    });
    const { of } = await sendTo(partial, deliveries);
    expect(deliveries.map((each) => of(each)?.state)).toEqual([
      "delivered",
      "delivered",
      "rejected",
      "delivered",
    ]);
  });

  test("that are older than seven days are dropped under that name, and the others sent", async () => {
    const deliveries = [anEvent({ ageMs: WEEK_MS + 1000 }), anEvent({ ageMs: WEEK_MS - 1000 })];
    const { of, requests } = await sendTo(meta, deliveries);
    expect(of(deliveries[0])).toMatchObject({ state: "dead", failure: "too_old", httpStatus: null });
    expect(of(deliveries[1])).toMatchObject({ state: "delivered" });
    expect(requests.map(({ sent }) => sent.data.length)).toEqual([1]);
  });

  test("that are all too old say nothing of Meta", async () => {
    expect((await sendTo(meta, [anEvent({ ageMs: WEEK_MS + 1000 })])).endpoint).toBeNull();
  });

  test.each([
    [
      "of a token that Meta does not know wait for another",
      400,
      { code: 190, message: `Malformed access token ${TOKEN}` },
      "token_refused",
      "paused",
      "gone",
    ],
    [
      "of a dataset that is none of ours wait",
      403,
      { code: 200, message: "Permissions error" },
      "access_refused",
      "paused",
      "gone",
    ],
    [
      "that are too many for Meta go out again later",
      400,
      { code: 80_004, message: "There have been too many calls" },
      "rate_limited",
      "pending",
      "failed",
    ],
    [
      "that Meta fails at go out again later",
      500,
      { code: 2, message: "Service temporarily unavailable" },
      "http_status",
      "pending",
      "failed",
    ],
  ] as const)("%s", async (_, status, error, failure, state, endpoint) => {
    const { results, requests, ...ended } = await sendTo(() => ({ status, body: { error } }), events(3));
    expect(requests).toHaveLength(1);
    expect(ended.endpoint).toBe(endpoint);
    for (const result of results) expect(result).toMatchObject({ failure, state, httpStatus: status });
    expect(new Set(results.map(({ nextAt }) => nextAt)).size).toBe(1);
    expect(JSON.stringify(results)).not.toContain(TOKEN);
  });

  test("without a token wait for one, and nothing is sent", async () => {
    const { results, requests, endpoint } = await sendTo(meta, events(2), []);
    expect(requests).toEqual([]);
    expect(results.map(({ state, failure }) => [state, failure])).toEqual(
      Array(2).fill(["paused", "no_token"]),
    );
    expect(endpoint).toBe("gone");
  });
});
