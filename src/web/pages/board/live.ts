import { useEffect, useState } from "react";
import { fetchWatched, type Shapes } from "#web/api/client.ts";
import { createTally, type Tally } from "./tally.ts";

/** The page is drawn anew at most so often, in ms. */
const DRAWN_EVERY_MS = 500;
/** After a tail broke off it is asked for again soon, so that a server that went away is known for that; then every so many ms. */
const SOON_MS = 250;
const AGAIN_AFTER_MS = 2_000;
/** Whoever was away for longer goes on from now: what came meanwhile may be millions. */
const CAUGHT_UP_MS = 60_000;

export interface Live {
  /** The newest first. */
  leads: readonly Shapes["LeadSummary"][];
  isLive: boolean;
  /** Over the last ten seconds, a second. */
  rate: number;
  /** How many came since the time `since`. */
  count: number;
  since: string | undefined;
}

export const NOTHING_YET: Live = { leads: [], isLive: false, rate: 0, count: 0, since: undefined };

/** Leads as they are decided, each once. The connection is closed while the page is hidden: a browser has six to a host. */
export function useLiveLeads(campaign: string | undefined): Live {
  const [live, setLive] = useState(NOTHING_YET);
  useEffect(() => {
    // What was said of another campaign holds no longer.
    setLive(NOTHING_YET);
    const tally = createTally();
    const state = { isLive: false, heardAt: Number.NEGATIVE_INFINITY };
    let gone = new AbortController();
    const show = () => {
      gone.abort();
      if (document.hidden) return;
      gone = new AbortController();
      void follow(campaign, tally, state, gone.signal);
    };
    const draw = setInterval(() => {
      const next = { ...tally.at(performance.now()), isLive: state.isLive };
      setLive((before) => (isSame(before, next) ? before : next));
    }, DRAWN_EVERY_MS);
    document.addEventListener("visibilitychange", show);
    show();
    return () => {
      gone.abort();
      clearInterval(draw);
      document.removeEventListener("visibilitychange", show);
    };
  }, [campaign]);
  return live;
}

function isSame(one: Live, other: Live): boolean {
  return (
    one.leads === other.leads &&
    one.isLive === other.isLive &&
    one.rate === other.rate &&
    one.since === other.since
  );
}

/** Reads tail after tail until it is told to stop. */
async function follow(
  campaign: string | undefined,
  tally: Tally,
  state: { isLive: boolean; heardAt: number },
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const now = performance.now();
    const [newest] = state.heardAt > now - CAUGHT_UP_MS ? tally.at(now).leads : [];
    if (newest === undefined) tally.begin(new Date().toISOString());
    try {
      await read(campaign, newest?.id, signal, (lead) => {
        state.isLive = true;
        state.heardAt = performance.now();
        if (lead !== undefined) tally.add(lead, state.heardAt);
      });
    } catch {
      // The shell says when the server is away; here it is asked again.
    }
    const wait = state.isLive ? SOON_MS : AGAIN_AFTER_MS;
    state.isLive = false;
    if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

/** Reads the tail until it ends; an empty line says that it lives. */
async function read(
  campaign: string | undefined,
  after: string | undefined,
  signal: AbortSignal,
  take: (lead: Shapes["LeadSummary"] | undefined) => void,
): Promise<void> {
  const query = new URLSearchParams();
  if (campaign !== undefined) query.set("campaign", campaign);
  if (after !== undefined) query.set("after", after);
  const url = new URL(`/api/v1/admin/leads/tail?${query}`, window.location.origin);
  const response = await fetchWatched(new Request(url, { signal }));
  if (!response.ok || response.body === null) return;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) take(line === "" ? undefined : JSON.parse(line));
  }
}
