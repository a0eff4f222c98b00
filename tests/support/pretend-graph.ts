/** An event as Meta's Conversions API takes it. */
export interface GraphEvent {
  event_name: string;
  event_time: number;
  event_id: string;
  action_source: string;
  event_source_url?: string;
  user_data: Record<string, string | string[]>;
  custom_data: { event_source: string; lead_event_source: string; value: number; currency: string };
}

/** What it does with a request whose token it knows. */
export type GraphBehaviour = "accept" | "fail" | "too many calls" | "no such dataset" | "receive half";

export interface PretendGraph {
  /** Where it is called, without a slash at the end. */
  url: string;
  behave(behaviour: GraphBehaviour): void;
  /** Knows this token alone from now on. */
  know(token: string): void;
  /** Takes no request from now on in which there is an event with this id; an empty text: takes all. */
  refuse(eventId: string): void;
  /** Of each request, whatever became of it: its path with its query, and its events. */
  requests: { path: string; events: GraphEvent[]; testEventCode: string | undefined; took: boolean }[];
  /** What was taken, by event id; each as often as it came. */
  taken(): GraphEvent[];
  close(): Promise<void>;
}

const HASHED = ["em", "ph", "fn", "ln", "ct", "st", "zp", "country", "db", "external_id"];
const WEEK_S = 604_800;

/**
 * Meta's Graph API as far as conversions go. It takes all events of a request or none, knows what each must look like, and misbehaves on
 * command; answers look as Meta's do, down to repeating a token that it does not know.
 */
export function startPretendGraph(token: string, now: () => Date): PretendGraph {
  let behaviour: GraphBehaviour = "accept";
  let known = token;
  let refused = "";
  const requests: PretendGraph["requests"] = [];

  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const { pathname, search } = new URL(request.url);
      const { data, access_token, test_event_code, ...more } = (await request.json()) as {
        data: GraphEvent[];
        access_token: string;
        test_event_code?: string;
      };
      const kept = { path: pathname + search, events: data, testEventCode: test_event_code, took: false };
      requests.push(kept);
      if (access_token !== known) return error(400, 190, `Malformed access token ${access_token}`);
      switch (behaviour) {
        case "fail":
          return error(500, 2, "Service temporarily unavailable");
        case "too many calls":
          return error(400, 80_004, "There have been too many calls to this ad-account.");
        case "no such dataset":
          return error(400, 100, "Unsupported post request.", 33);
        case "receive half":
          return Response.json({
            events_received: Math.floor(data.length / 2),
            messages: [],
            fbtrace_id: "T",
          });
        case "accept":
          break;
      }
      if (Object.keys(more).length > 0) return error(400, 100, `Unknown: ${Object.keys(more).join()}`);
      if (data.length === 0 || data.length > 1000) return error(400, 100, "Too many events");
      const flaw = data.map((event) => flawIn(event, now())).find((found) => found !== undefined);
      if (flaw !== undefined) return error(400, 100, flaw);
      if (data.some(({ event_id }) => event_id === refused)) return error(400, 100, "Invalid parameter");
      kept.took = true;
      return Response.json({ events_received: data.length, messages: [], fbtrace_id: "AbC" });
    },
  });

  return {
    url: server.url.href.replace(/\/$/, ""),
    behave(next) {
      behaviour = next;
    },
    know(next) {
      known = next;
    },
    refuse(eventId) {
      refused = eventId;
    },
    requests,
    taken: () => requests.filter(({ took }) => took).flatMap(({ events }) => events),
    close: () => server.stop(true),
  };
}

function error(status: number, code: number, message: string, subcode?: number): Response {
  const said = { message, type: "OAuthException", code, error_subcode: subcode, fbtrace_id: "T" };
  return Response.json({ error: said }, { status });
}

/** Why Meta would not take an event; undefined: it would. */
function flawIn(event: GraphEvent, now: Date): string | undefined {
  const { event_name, event_time, event_id, action_source, user_data, custom_data } = event;
  const age = Math.floor(now.getTime() / 1000) - event_time;
  if (typeof event_name !== "string" || event_name === "") return "event_name";
  if (!Number.isInteger(event_time) || age > WEEK_S || age < -60) return "event_time";
  if (typeof event_id !== "string" || event_id === "") return "event_id";
  if (!["system_generated", "website"].includes(action_source)) return "action_source";
  if (typeof custom_data.value !== "number" || !/^[A-Z]{3}$/.test(custom_data.currency)) return "custom_data";
  if (custom_data.event_source !== "crm" || custom_data.lead_event_source !== "Leadgate")
    return "lead_event_source";
  return Object.entries(user_data).find(([name, value]) => !mayBe(name, value))?.[0];
}

function mayBe(name: string, value: unknown): boolean {
  if (HASHED.includes(name))
    return Array.isArray(value) && value.length === 1 && /^[0-9a-f]{64}$/.test(String(value[0]));
  if (name === "lead_id") return /^\d{15,16}$/.test(String(value));
  return ["fbc", "fbp", "client_ip_address", "client_user_agent"].includes(name) && typeof value === "string";
}
