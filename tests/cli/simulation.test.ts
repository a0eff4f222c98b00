import { afterEach, beforeEach, expect, test } from "bun:test";
import type { Command } from "#cli/command/command.ts";
import { simulations } from "#cli/records/simulations.ts";
import { plan } from "#cli/remote/plan.ts";
import { simulate } from "#cli/remote/simulate.ts";
import { onBothDatabases } from "../support/database.ts";
import {
  aDocument,
  aLead,
  type Leadgate,
  OPERATOR_KEY,
  openLeadgate,
  testClock,
} from "../support/leadgate.ts";
import { untilTrue } from "../support/process.ts";
import { commandContext } from "./context.ts";

onBothDatabases("leadgate simulate", (world) => {
  let leadgate: Leadgate;
  let server: Bun.Server<undefined>;
  let interrupted: AbortSignal;
  /** Stands before the server; undefined: it lets the request through. */
  let before: (request: Request) => Promise<Response | undefined>;
  beforeEach(() => {
    interrupted = new AbortController().signal;
    before = async () => undefined;
    leadgate = openLeadgate(world.database, testClock(new Date().toISOString()));
    server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: async (request) => (await before(request)) ?? (await leadgate.server.handle(request)),
    });
  });
  afterEach(() => server.stop(true));

  async function run(typed: Command, ...args: string[]) {
    let [out, err] = ["", ""];
    const dearer = aDocument({ contracts: { first: { price: "12.00" } } });
    const context = commandContext(
      { url: server.url.href, adminKey: OPERATOR_KEY },
      {
        interruption: () => interrupted,
        write: (text) => void (out += text),
        writeError: (text) => void (err += text),
        readFile: async (path) =>
          path === "wrong.yaml" ? "version: 1\ncampains: []\n" : JSON.stringify(dearer),
      },
    );
    return { code: await typed.run(args, context), out, err };
  }

  test("shows what a document would have made of past leads, alone and with its plan", async () => {
    await leadgate.configure(aDocument());
    await leadgate.ingest("acme", aLead());
    await leadgate.ingest("acme", aLead());
    leadgate.clock.pass(60_000);
    const tried = await run(
      simulate,
      "dearer.json",
      "--since",
      leadgate.clock.now().toISOString().slice(0, 10),
    );
    expect(tried).toMatchObject({ code: 0, err: "" });
    expect(tried.out).toContain("20.00 → 24.00");
    expect(tried.out).toMatch(
      /2 leads, of which 2 would have ended otherwise: leadgate simulations leads simulation_/,
    );
    const planned = await run(plan, "dearer.json", "--simulate", "7d");
    expect(planned.out).toContain("buyers[first].price");
    expect(planned.out).toContain("20.00 → 24.00");
    const [, id = ""] = /(simulation_\w+)/.exec(tried.out) ?? [];
    const { out } = await run(simulations, "leads", id);
    expect(out).toContain("ACCEPTED: first 10.00  ACCEPTED: first 12.00");
  });

  test("waits for a server that restarts, and tells what came of it all the same when it had ended before it was to be stopped", async () => {
    await leadgate.configure(aDocument());
    await leadgate.ingest("acme", aLead());
    leadgate.clock.pass(60_000);
    const since = leadgate.clock.now().toISOString().slice(0, 10);
    let away = 1;
    before = async ({ method }) =>
      method === "GET" && away-- > 0 ? Response.json({ message: "It stops." }, { status: 503 }) : undefined;
    expect(await run(simulate, "dearer.json", "--since", since)).toMatchObject({ code: 0, err: "" });

    interrupted = AbortSignal.abort();
    before = async ({ url }) => {
      const [, id] = /simulations\/(\w+)\/stop$/.exec(url) ?? [];
      const isDone = async () =>
        (await leadgate.admin("GET", `/simulations/${id}`)).body.data.state === "done";
      if (id !== undefined) await untilTrue(isDone, "the simulation to end");
      return undefined;
    };
    const { code, out } = await run(simulate, "dearer.json", "--since", since);
    expect([code, out]).toEqual([0, expect.stringContaining("10.00 → 12.00")]);
  });

  test("says what is wrong with a document or a time, and tries nothing", async () => {
    for (const time of ["soon", "0d", "30s"]) {
      const { code, err } = await run(plan, "dearer.json", "--simulate", time);
      expect([code, err.split("\n")[0]]).toEqual([
        2,
        `--simulate takes days or hours, such as 7d or 12h, not ${time}.`,
      ]);
    }
    expect(await run(simulate, "wrong.yaml", "--since", "2026-01-01")).toMatchObject({ code: 1, out: "" });
    expect((await leadgate.admin("GET", "/simulations")).body.data).toEqual([]);
  });
});
