import { useEffect, useRef, useState } from "react";
import { fetchWatched, type Shapes } from "#web/api/client.ts";

type Lead = Shapes["LeadSummary"];

/** So many are kept, and the page is drawn anew at most so often, in ms. */
const KEPT = 40;
const DRAWN_EVERY_MS = 500;
/** After a tail broke off it is asked for again soon, so that a server that went away is known for that; then every so many ms. */
const SOON_MS = 250;
const AGAIN_AFTER_MS = 2_000;

export interface Live {
  /** The newest first. */
  leads: readonly Lead[];
  isLive: boolean;
  /** Over the last ten seconds, a second. */
  rate: number;
}

/** Leads as they are decided. The connection is closed while the page is hidden: a browser has six to a host. */
export function useLiveLeads(campaign: string | undefined): Live {
  const [live, setLive] = useState<Live>({ leads: [], isLive: false, rate: 0 });
  const seen = useRef<{ leads: Lead[]; times: number[]; isLive: boolean }>({
    leads: [],
    times: [],
    isLive: false,
  });
  useEffect(() => {
    const state = seen.current;
    state.leads = [];
    state.times = [];
    let gone = new AbortController();
    const follow = async (signal: AbortSignal) => {
      while (!signal.aborted) {
        try {
          await read(campaign, state.leads[0]?.id, signal, (lead) => {
            state.isLive = true;
            if (lead === undefined || state.leads.some(({ id }) => id === lead.id)) return;
            state.leads = [lead, ...state.leads].slice(0, KEPT);
            state.times.push(performance.now());
          });
        } catch {
          // The shell says when the server is away; here it is asked again.
        }
        const wait = state.isLive ? SOON_MS : AGAIN_AFTER_MS;
        state.isLive = false;
        if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, wait));
      }
    };
    const show = () => {
      gone.abort();
      if (document.hidden) return;
      gone = new AbortController();
      void follow(gone.signal);
    };
    const draw = setInterval(() => {
      const since = performance.now() - 10_000;
      state.times = state.times.filter((at) => at > since);
      setLive({ leads: state.leads, isLive: state.isLive, rate: state.times.length / 10 });
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

/** Reads the tail until it ends; an empty line says that it lives. */
async function read(
  campaign: string | undefined,
  after: string | undefined,
  signal: AbortSignal,
  take: (lead: Lead | undefined) => void,
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
    for (const line of lines) take(line === "" ? undefined : (JSON.parse(line) as Lead));
  }
}
