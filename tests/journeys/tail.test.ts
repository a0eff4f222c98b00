import { expect, test } from "bun:test";
import { tail } from "#cli/remote/tail.ts";
import { commandContext } from "../cli/context.ts";
import { onBothDatabases } from "../support/database.ts";
import { aDocument, aLead, type Leadgate, OPERATOR_KEY, openLeadgate } from "../support/leadgate.ts";
import { untilTrue } from "../support/process.ts";

interface Tailed {
  id: string;
  status: string;
  campaign_id: string;
  decided_at: string;
  fields?: Record<string, unknown>;
}

/** Follows leads as a client of the API does. */
async function follow(
  leadgate: Leadgate,
  query = "",
  headers: Record<string, string> = { authorization: `Bearer ${OPERATOR_KEY}` },
) {
  const request = new Request(`http://localhost/api/v1/admin/leads/tail${query}`, { headers });
  const response = await leadgate.server.handle(request);
  expect(response.status).toBe(200);
  const reader = response.body?.getReader();
  // The first line is empty and says that whatever is decided from now on will be told.
  expect(new TextDecoder().decode((await reader?.read())?.value)).toBe("\n");
  const leads: Tailed[] = [];
  let ended = false;
  const reading = (async () => {
    for (;;) {
      const { value, done } = (await reader?.read()) ?? { done: true };
      if (done) break;
      const lines = new TextDecoder().decode(value).split("\n");
      leads.push(...lines.filter((line) => line !== "").map((line) => JSON.parse(line)));
    }
    ended = true;
  })();
  return {
    leads,
    hasEnded: () => ended,
    async leave() {
      await reader?.cancel();
      await reading;
    },
  };
}

const TWO_CAMPAIGNS = (() => {
  const document = aDocument();
  const [solar] = document.campaigns ?? [];
  if (solar === undefined) throw new Error("there is no campaign");
  return { ...document, campaigns: [solar, { ...solar, id: "roofing", name: "Roofing" }] };
})();

onBothDatabases("the tail", (world) => {
  test("whoever follows leads sees each of two servers once, those of a campaign in the order of decisions", async () => {
    const one = openLeadgate(world.database);
    const other = one.another();
    await one.configure(TWO_CAMPAIGNS);
    await one.ingest("acme", aLead());
    const [first, second] = await Promise.all([follow(one), follow(other)]);
    const sent: string[] = [];
    for (let round = 0; round < 12; round += 1) {
      const leads = Array.from({ length: 10 }, (_, at) => ({
        server: at % 2 === 0 ? one : other,
        lead: aLead({ flo_campaign_id: at % 3 === 0 ? "roofing" : "solar" }),
      }));
      const replies = await Promise.all(leads.map(({ server, lead }) => server.ingest("acme", lead)));
      sent.push(...replies.map(({ body }) => body.data.id));
      one.clock.pass(1);
    }
    for (const { leads, leave } of [first, second]) {
      await untilTrue(() => leads.length >= sent.length, "all leads were seen");
      expect(leads.map(({ id }) => id).toSorted()).toEqual(sent.toSorted());
      for (const campaign of ["solar", "roofing"]) {
        const times = leads.filter((lead) => lead.campaign_id === campaign).map((lead) => lead.decided_at);
        expect(times).toEqual(times.toSorted());
      }
      await leave();
    }
  });

  test("whoever follows leads is told of none once the key or the session is over, whichever server ended it", async () => {
    const leadgate = openLeadgate(world.database);
    await leadgate.configure(aDocument());
    const made = async () =>
      (await leadgate.admin("POST", "/operator-keys", { name: "ada", role: "read" })).body.data;
    const [revoked, replaced, kept] = [await made(), await made(), await made()];
    const authorization = `Bearer ${replaced.key}`;
    const opened = await leadgate.call("POST", "/api/v1/admin/session", { headers: { authorization } });
    const cookie = opened.headers.get("set-cookie")?.split(";")[0] ?? "";
    const byKey = await follow(leadgate, "?fields=true", { authorization: `Bearer ${revoked.key}` });
    const bySession = await follow(leadgate, "", { cookie });
    const other = await follow(leadgate, "", { authorization: `Bearer ${kept.key}` });
    const all = [byKey, bySession, other];
    await leadgate.ingest("acme", aLead());
    await untilTrue(() => all.every(({ leads }) => leads.length === 1), "all were told of the first");
    await leadgate.another().admin("DELETE", `/operator-keys/${revoked.id}`);
    const [session] = (await leadgate.admin("GET", "/sessions")).body.data;
    await leadgate.admin("DELETE", `/sessions/${session.id}`);
    await leadgate.ingest("acme", aLead());
    await untilTrue(() => other.leads.length === 2, "who may still look was told of the second");
    await untilTrue(() => byKey.hasEnded() && bySession.hasEnded(), "the others have heard the end");
    expect([byKey.leads.length, bySession.leads.length]).toEqual([1, 1]);
    await other.leave();
  });

  test("whoever follows leads sees what was asked for alone, and nothing of the person unless that was", async () => {
    const leadgate = openLeadgate(world.database);
    await leadgate.configure(TWO_CAMPAIGNS);
    const lead = aLead();
    const plain = await follow(leadgate, "?status=DUPLICATE&campaign=solar");
    const withFields = await follow(leadgate, "?campaign=roofing&fields=true");
    await leadgate.ingest("acme", lead);
    await leadgate.ingest("acme", lead);
    await leadgate.ingest("acme", aLead({ flo_campaign_id: "roofing", first_name: "Grace" }));
    await untilTrue(() => plain.leads.length > 0 && withFields.leads.length > 0, "they were seen");
    expect(plain.leads).toMatchObject([{ status: "DUPLICATE", campaign_id: "solar" }]);
    expect(plain.leads[0]).not.toHaveProperty("fields");
    expect(withFields.leads).toMatchObject([{ campaign_id: "roofing", fields: { first_name: "Grace" } }]);
    await plain.leave();
    await withFields.leave();
  });

  test("whoever follows leads sees those of one supplier or buyer alone, and why nobody took the others", async () => {
    const leadgate = openLeadgate(world.database);
    await leadgate.configure(
      aDocument({ buyers: { first: { caps: { day: { leads: 1 } } }, third: { status: "paused" } } }),
    );
    const ofSecond = await follow(leadgate, "?buyer=second");
    const ofNobody = await follow(leadgate, "?supplier=nobody");
    const unmatched = await follow(leadgate, "?status=UNMATCHED&supplier=acme");
    await leadgate.ingest("acme", aLead());
    await leadgate.ingest("acme", aLead());
    await leadgate.admin("PATCH", "/buyers/second", { status: "paused" });
    await leadgate.ingest("acme", aLead());
    await untilTrue(() => ofSecond.leads.length > 0 && unmatched.leads.length > 0, "they were seen");
    expect(ofSecond.leads).toMatchObject([{ buyer_id: "second" }]);
    expect(ofSecond.leads[0]).not.toHaveProperty("buyers");
    expect(unmatched.leads).toMatchObject([
      {
        buyers: [
          { buyer_id: "first", reason: "buyer_cap", cap: { period: "day", unit: "leads" } },
          { buyer_id: "second", reason: "buyer_paused" },
          { buyer_id: "third", reason: "buyer_paused" },
        ],
      },
    ]);
    expect(ofNobody.leads).toEqual([]);
    await Promise.all([ofSecond.leave(), ofNobody.leave(), unmatched.leave()]);
  });

  test("whoever follows leads sees a lead that its buyer is asked about once that has answered", async () => {
    const leadgate = openLeadgate(world.database);
    await leadgate.configure(aDocument());
    const { body } = await leadgate.ingest("acme", aLead());
    const status = (to: string) =>
      world.database.write((tx) => tx.execute(`update leads set status = '${to}'`));
    await status("PENDING");
    const tailed = await follow(leadgate);
    await leadgate.ingest("acme", aLead());
    await untilTrue(() => tailed.leads.length === 1, "the other lead was seen");
    await status("ACCEPTED");
    await untilTrue(() => tailed.leads.length === 2, "it was seen");
    expect(tailed.leads[1]?.id).toBe(body.data.id);
    await tailed.leave();
  });

  test("whoever follows leads is let go when it goes away, which makes room for another, and when the server stops", async () => {
    const leadgate = openLeadgate(world.database);
    await leadgate.configure(aDocument());
    const twenty = await Promise.all(Array.from({ length: 20 }, () => follow(leadgate)));
    const headers = { authorization: `Bearer ${OPERATOR_KEY}` };
    const refused = await leadgate.call("GET", "/api/v1/admin/leads/tail", { headers });
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "10"]);
    await twenty.pop()?.leave();
    const last = await follow(leadgate);
    const staying = [...twenty, last];
    expect(staying.filter((each) => each.hasEnded())).toEqual([]);
    await leadgate.server.stop();
    await untilTrue(() => staying.every((each) => each.hasEnded()), "the streams ended");
  });

  test("leadgate tail shows a line a lead, over a restart of the server, until it is interrupted", async () => {
    const leadgate = openLeadgate(world.database);
    await leadgate.configure(aDocument());
    const port = await leadgate.server.listen("127.0.0.1", 0);
    const interrupted = new AbortController();
    const [out, err]: [string[], string[]] = [[], []];
    const context = commandContext(
      { url: `http://127.0.0.1:${port}`, adminKey: OPERATOR_KEY },
      {
        write: (text) => void out.push(text),
        writeError: (text) => void err.push(text),
        interruption: () => interrupted.signal,
      },
    );
    const ended = tail.run(["--status", "ACCEPTED"], context);
    const ids: string[] = [];
    const send = async (server: Leadgate) => {
      const { body } = await server.ingest("acme", aLead());
      ids.push(body.data.id);
      return untilTrue(() => out.some((line) => line.includes(body.data.id)), "it was printed");
    };
    await untilTrue(async () => {
      await leadgate.ingest("acme", aLead());
      return out.length > 0;
    }, "it follows");
    await send(leadgate);
    const next = leadgate.another();
    await leadgate.server.stop();
    await untilTrue(() => err.length > 0, "the connection was lost");
    const { body } = await next.ingest("acme", aLead());
    await next.server.listen("127.0.0.1", port);
    await send(next);
    interrupted.abort();
    expect(await ended).toBe(0);
    const shown = out.map((line) => /lead_\w+/.exec(line)?.[0] ?? "");
    expect(shown.length).toBe(new Set(shown).size);
    expect(shown).toEqual(expect.arrayContaining([...ids, body.data.id]));
    expect(out.at(-1)).toMatch(
      /^2026-01-13T17:00:00\.\d{3}Z {2}lead_\w{26} {2}solar {2}acme {2}ACCEPTED {3}first {2}10\.00 USD\n$/,
    );
    expect(out.join("")).not.toContain("Ada");
  });

  test("leadgate tail says why it cannot", async () => {
    const context = commandContext({ url: "http://127.0.0.1:1", adminKey: OPERATOR_KEY });
    expect(await tail.run([], context)).toBe(1);
    expect(await tail.run(["everything"], context)).toBe(2);
    expect(await tail.run(["--loud"], context)).toBe(2);
  });
});
