import assert from "node:assert/strict";
import fc from "fast-check";
import type { Reply } from "../support/leadgate.ts";
import { untilTrue } from "../support/process.ts";
import {
  type Answer,
  DAY,
  type Model,
  type ModelLead,
  type ModelPing,
  type Person,
  type Verdict,
} from "./model.ts";
import {
  aCap,
  aPrice,
  BUYERS,
  type BuyerName,
  CAMPAIGNS,
  type CampaignName,
  type CapRule,
  capsOf,
  contractEntries,
} from "./rules.ts";
import { pingWith, type Real } from "./server.ts";

type Step = fc.AsyncCommand<Model, Real>;

/** Something that somebody does, and what both say to it. A second passes after each, so that no two happen at the same time. */
function step(
  title: string,
  run: (model: Model, real: Real) => Promise<void>,
  check = (_: Model) => true,
): Step {
  return {
    check,
    async run(model, real) {
      await run(model, real);
      pass(model, real, 1000);
    },
    toString: () => title,
  };
}

function pass(model: Model, { leadgate }: Real, ms: number): void {
  model.pass(ms);
  leadgate.clock.pass(ms);
}

/** All that can happen, in any order. */
export function commands(size: number) {
  return fc.commands(
    [
      fc.tuple(campaigns, people, fc.boolean()).map((drawn) => ingest(...drawn)),
      fc.tuple(campaigns, people, fc.boolean()).map((drawn) => ingest(...drawn)),
      fc.tuple(people, fc.boolean()).map((drawn) => importOne(...drawn)),
      verdicts.map(check),
      fc.tuple(nth, fc.constantFrom("release" as const, "reject" as const)).map((drawn) => endHold(...drawn)),
      people.map((person) => pingAndPost(person)),
      fc.tuple(people, fc.boolean(), fc.boolean()).map(([person, ...said]) => pingOnly(person, ...said)),
      fc.tuple(nth, people).map(([ping, person]) => post(ping, person)),
      fc.tuple(nth, fc.constant(null)).map(([ping]) => post(ping, null)),
      nth.map(sendAgain),
      fc.tuple(buyers, fc.boolean()).map(([buyer, refuses]) => refuse(buyer, refuses)),
      fc.tuple(nth, buyers).map(([lead, buyer]) => askReturn(lead, buyer)),
      fc.tuple(nth, decisions).map(([asked, decision]) => decideReturn(asked, decision)),
      fc.tuple(campaigns, buyers, aPrice).map((drawn) => changePrice(...drawn)),
      fc.tuple(campaigns, buyers, maybeCap).map((drawn) => changeCap(...drawn)),
      fc.tuple(buyers, maybeCap).map((drawn) => changeBuyerCap(...drawn)),
      fc.tuple(campaigns, buyers).map((drawn) => toggleContract(...drawn)),
      campaigns.map(toggleCampaign),
      phones.map(suppress),
      phones.map(forget),
      fc.tuple(buyers, fc.integer({ min: 1, max: 3000 })).map((drawn) => deposit(...drawn)),
      fc.tuple(buyers, fc.integer({ min: 1, max: 3000 })).map((drawn) => deposit(...drawn)),
      durations.map(letTimePass),
      fc.constant(look()),
    ],
    { size: "max", maxCommands: size },
  );
}

const phones = fc.integer({ min: 0, max: 4 });
const people: fc.Arbitrary<Person> = fc.record({ phone: phones, email: phones });
const campaigns = fc.constantFrom(...CAMPAIGNS);
const buyers = fc.constantFrom(...BUYERS);
/** One of what there is by then, counted from the newest. */
const nth = fc.nat({ max: 9 });
const verdicts = fc.constantFrom<Verdict>("passes", "passes", "rejects", "fails");
const decisions = fc.constantFrom("accepted" as const, "rejected" as const);
const maybeCap = fc.option(aCap, { nil: undefined, freq: 3 });
const durations = fc.constantFrom(
  ["29 minutes", 29 * 60_000],
  ["31 minutes", 31 * 60_000],
  ["1 hour", 3_600_000],
  ["7 hours", 7 * 3_600_000],
  ["1 day", DAY],
  ["8 days", 8 * DAY],
  ["31 days", 31 * DAY],
) as fc.Arbitrary<[string, number]>;

function newest<T>(all: readonly T[], back: number): { index: number; one: T } | undefined {
  const index = all.length - 1 - (back % Math.max(1, all.length));
  const one = all[index];
  return one === undefined ? undefined : { index, one };
}

function ingest(campaign: CampaignName, person: Person, isOdd: boolean): Step {
  return step(`ingest(${campaign}, ${said(person)}${isOdd ? ", odd" : ""})`, (model, real) =>
    send(model, real, { campaign, person, isOdd }),
  );
}

function importOne(person: Person, isOdd: boolean): Step {
  return step(`import(${said(person)}${isOdd ? ", odd" : ""})`, (model, real) =>
    send(model, real, { campaign: "direct", person, isOdd, isImported: true }),
  );
}

function check(verdict: Verdict): Step {
  return step(`whoever is asked about leads ${verdict}`, async (model, real) => {
    model.checker = verdict;
    real.check(verdict);
  });
}

function said({ phone, email }: Partial<Person>): string {
  return `phone ${phone}, e-mail ${email}`;
}

interface Sending {
  readonly campaign: CampaignName;
  readonly person: Person;
  readonly ping?: { index: number; one: ModelPing };
  readonly isOdd?: boolean;
  readonly isImported?: boolean;
}

/** A lead on its way in: sent, answered, delivered, and on record as it should be. */
async function send(model: Model, real: Real, sending: Sending): Promise<void> {
  const { campaign, person, ping, isOdd = false, isImported = false } = sending;
  // An endpoint that failed too often is left alone for a while, which the model does not know.
  if (model.checker === "fails" && model.failedChecks >= MOST_FAILED) return;
  const body = {
    flo_campaign_id: real.names.campaign(campaign),
    flo_supplier_id: real.names.supplier,
    first_name: "Ada",
    last_name: "Lovelace",
    phone: real.phone(person.phone),
    email: real.email(person.email),
    age: isOdd ? 70 : 30,
    ...(ping !== undefined && { flo_ping_id: real.pings[ping.index] }),
  };
  const count = model.leads.length;
  const expected = model.ingest({ campaign, person, ping: ping?.one, isOdd });
  const key = `${real.names.supplier} ${real.sent.length} ${model.now}`;
  const reply = isImported
    ? await importRow(real, campaign, { ...body, idempotency_key: key })
    : await real.leadgate.ingest(real.names.supplier, body, { "idempotency-key": key });
  expectAnswer(reply, expected, real);
  const lead = model.leads[count];
  if (lead === undefined) return;
  real.leads.push(reply.body.data.id);
  real.sent.push(isImported ? undefined : { body, key });
  model.deliver(lead);
  await onRecord(lead, reply.body.data.id, real);
}

const MOST_FAILED = 9;

/** One row of a file, as its supplier's lead. */
async function importRow(
  { leadgate, names }: Real,
  campaign: CampaignName,
  { flo_campaign_id: _, flo_supplier_id: __, ...row }: Record<string, unknown>,
): Promise<Pick<Reply, "status" | "body">> {
  const path = `/campaigns/${names.campaign(campaign)}/suppliers/${names.supplier}/leads`;
  const { status, body } = await leadgate.admin("POST", path, { leads: [row] });
  if (status !== 200) return { status, body };
  const [{ http_status, ...answer }] = body.data;
  return { status: http_status, body: answer };
}

/** A person decides about a lead that waits. */
function endHold(back: number, how: "release" | "reject"): Step {
  return step(
    `${how}(held ${back})`,
    async (model, real) => {
      const lead = newest(model.held, back)?.one;
      if (lead === undefined) return;
      const id = real.leads[model.leads.indexOf(lead)] ?? "";
      const expected = how === "release" ? model.release(lead) : model.turnDown(lead);
      const reply = await real.leadgate.admin("POST", `/leads/${id}/${how}`);
      if (expected === undefined) assert.equal(reply.status, 409);
      else expectAnswer(reply, expected, real);
      model.deliver(lead);
      await onRecord(lead, id, real);
    },
    ({ held }) => held.length > 0,
  );
}

function expectAnswer({ status, body }: Pick<Reply, "status" | "body">, expected: Answer, real: Real): void {
  const data = body.data ?? {};
  const told: Answer = { http: status };
  const { payouts = [], ...wanted } = expected;
  if (expected.error !== undefined) {
    const flaws = body.field_errors?.map(({ code }: { code: string }) => code);
    assert.deepEqual({ ...told, error: body.error, ...(flaws && { flaw: flaws[0] }) }, wanted);
    return;
  }
  const { status: ended, buyer_id, duplicate = false } = data;
  assert.deepEqual({ ...told, status: ended, buyer: real.buyerOf(buyer_id), isDuplicate: duplicate }, wanted);
  const total = payouts.reduce((sum, each) => sum + each, 0);
  if (data.price !== undefined) assert.equal(data.price, real.money(total));
  if (data.sales === undefined) return;
  assert.deepEqual(
    data.sales.map((sale: { price: string }) => sale.price),
    payouts.map(real.money),
  );
}

interface Shown {
  status: string;
  sales: { buyer_id: string; price: string; payout: string; status: string }[];
  deliveries: { state: string }[];
}

/** Waits until everything of the lead is delivered and nothing is to be settled any more: then it stands as the model has it. */
async function onRecord(lead: ModelLead, id: string, real: Real): Promise<void> {
  let shown: unknown;
  const wanted = recordOf(lead, real);
  await untilTrue(async () => {
    const { data } = (await real.leadgate.admin("GET", `/leads/${id}`)).body as { data: Shown };
    shown = shownOf(data, real);
    if (lead.isOverdue && data.status === "REJECTED") return true;
    const isDone = data.deliveries.every(({ state }) => state !== "pending");
    return isDone && Bun.deepEquals(shown, wanted);
  }, "it").catch(() => assert.deepEqual(shown, wanted));
}

function recordOf({ status, sales }: ModelLead, { money }: Real) {
  const all = sales.map(({ buyer, price, payout, status: stands }) => ({
    buyer,
    price: money(price),
    payout: money(payout),
    status: stands,
  }));
  return { status, sales: all.toSorted(byBuyer) };
}

function shownOf({ status, sales }: Shown, real: Real) {
  const all = sales.map(({ buyer_id, price, payout, status: stands }) => ({
    buyer: real.buyerOf(buyer_id),
    price,
    payout,
    status: stands,
  }));
  return { status, sales: all.toSorted(byBuyer) };
}

function byBuyer(one: { buyer: BuyerName | null }, other: { buyer: BuyerName | null }): number {
  return String(one.buyer).localeCompare(String(other.buyer));
}

function pingAndPost(person: Person): Step {
  return step(`ping and post(${said(person)})`, async (model, real) => {
    const isTaken = await ask(model, real, person);
    pass(model, real, 1000);
    const ping = isTaken ? newest(model.pings, 0) : undefined;
    if (ping !== undefined) await send(model, real, { campaign: "pinged", person, ping });
  });
}

function pingOnly({ phone, email }: Person, saysPhone: boolean, saysEmail: boolean): Step {
  const person = { ...(saysPhone && { phone }), ...(saysEmail && { email }) };
  return step(`ping(${said(person)})`, async (model, real) => void (await ask(model, real, person)));
}

async function ask(model: Model, real: Real, { phone, email }: Partial<Person>): Promise<boolean> {
  const person = { ...(phone !== undefined && { phone }), ...(email !== undefined && { email }) };
  const expected = model.ping(person);
  const { body, status } = await pingWith(real, {
    flo_campaign_id: real.names.campaign("pinged"),
    flo_supplier_id: real.names.supplier,
    ...(phone !== undefined && { phone: real.phone(phone) }),
    ...(email !== undefined && { email: real.email(email) }),
  });
  assert.equal(status, 200);
  const bids = body.bids?.map((bid: { buyer_id: string; price: string }) => [
    real.buyerOf(bid.buyer_id),
    bid.price,
  ]);
  const told = body.accepted
    ? { accepted: true, price: body.price, bids }
    : { accepted: false, reason: body.reason };
  const wanted = expected.accepted
    ? {
        accepted: true,
        price: real.money(expected.price),
        bids: expected.bids.map(({ buyer, payout }) => [buyer, real.money(payout)]),
      }
    : expected;
  assert.deepEqual(told, wanted);
  if (expected.accepted) real.pings.push(body.ping_id);
  return expected.accepted;
}

/** Posts one of the pings so far: with this person, or with its own. */
function post(back: number, other: Person | null): Step {
  const title = `post(ping ${back}, ${other === null ? "as pinged" : said(other)})`;
  return step(
    title,
    async (model, real) => {
      const ping = newest(model.pings, back);
      if (ping === undefined) return;
      const { phone = 0, email = 0 } = ping.one.person;
      await send(model, real, { campaign: "pinged", person: other ?? { phone, email }, ping });
    },
    ({ pings }) => pings.length > 0,
  );
}

/** Within a day the first answer is given again, whatever became of the lead since. */
function sendAgain(back: number): Step {
  return step(
    `send again(lead ${back})`,
    async (model, real) => {
      const lead = newest(model.leads, back);
      const sent = lead && real.sent[lead.index];
      if (lead === undefined || sent === undefined || sentLongAgo(model, sent.key)) return;
      const { names, leadgate } = real;
      const reply = await leadgate.ingest(names.supplier, sent.body, { "idempotency-key": sent.key });
      const { answer } = lead.one;
      if (answer !== undefined) expectAnswer(reply, answer, real);
      assert.equal(reply.headers.get("idempotent-replayed"), "true");
      assert.equal(reply.body.data.id, real.leads[lead.index]);
    },
    ({ leads, rules }) =>
      leads.length > 0 && Object.values(rules.campaigns).every(({ status }) => status === "active"),
  );
}

function sentLongAgo({ now }: Model, key: string): boolean {
  return now - Number(key.split(" ").at(-1)) >= DAY;
}

function refuse(buyer: BuyerName, refuses: boolean): Step {
  return step(`${buyer} ${refuses ? "refuses" : "takes"} what comes`, async (model, real) => {
    real.refuse(buyer, refuses);
    if (refuses) model.refusing.add(buyer);
    else model.refusing.delete(buyer);
  });
}

function askReturn(back: number, buyer: BuyerName): Step {
  return step(
    `${buyer} asks to give back(lead ${back})`,
    async (model, real) => {
      const lead = newest(model.leads, back);
      if (lead === undefined) return;
      const isAsked = model.askReturn(lead.one, buyer);
      const wanted = { reason: "bad_contact", buyer_id: real.names.buyer(buyer) };
      const path = `/leads/${real.leads[lead.index]}/returns`;
      const { status, body } = await real.leadgate.admin("POST", path, wanted);
      assert.equal(status === 201, isAsked, `the return was answered ${status}: ${body.message}`);
      if (isAsked) real.returns.push(body.data.id);
    },
    ({ leads }) => leads.length > 0,
  );
}

function decideReturn(back: number, decision: "accepted" | "rejected"): Step {
  return step(
    `return ${back} is ${decision}`,
    async (model, real) => {
      const asked = newest(model.returns, back);
      if (asked === undefined) return;
      const isDecided = model.decideReturn(asked.one, decision);
      const path = `/returns/${real.returns[asked.index]}`;
      const { status, body } = await (decision === "accepted"
        ? real.leadgate.admin("POST", `${path}/accept`)
        : real.leadgate.admin("POST", `${path}/reject`, { note: "it was reached" }));
      assert.equal(status, isDecided ? 200 : 409, `the decision was answered ${status}: ${body.message}`);
      await onRecord(asked.one.lead, real.leads[model.leads.indexOf(asked.one.lead)] ?? "", real);
    },
    ({ returns }) => returns.length > 0,
  );
}

function changePrice(campaign: CampaignName, buyer: BuyerName, price: number): Step {
  return changing(`price of ${buyer} in ${campaign} is ${price} cents`, campaign, (model) => {
    model.rules.campaigns[campaign].contracts[buyer].price = price;
  });
}

function changeCap(campaign: CampaignName, buyer: BuyerName, cap: CapRule | undefined): Step {
  return changing(`cap of ${buyer} in ${campaign} is ${JSON.stringify(cap)}`, campaign, (model) => {
    model.rules.campaigns[campaign].contracts[buyer].cap = cap;
  });
}

function toggleContract(campaign: CampaignName, buyer: BuyerName): Step {
  return changing(`${buyer} in ${campaign} is paused, or goes on`, campaign, (model) => {
    const contract = model.rules.campaigns[campaign].contracts[buyer];
    contract.status = contract.status === "paused" ? "active" : "paused";
  });
}

function toggleCampaign(campaign: CampaignName): Step {
  return changing(`${campaign} is paused, or goes on`, campaign, (model) => {
    const rules = model.rules.campaigns[campaign];
    rules.status = rules.status === "paused" ? "active" : "paused";
  });
}

function changing(title: string, campaign: CampaignName, change: (model: Model) => void): Step {
  return step(title, async (model, { leadgate, names }) => {
    change(model);
    const rules = model.rules.campaigns[campaign];
    const part = { status: rules.status, buyers: contractEntries(rules, names, model.rules.currency) };
    const { status, body } = await leadgate.admin("PATCH", `/campaigns/${names.campaign(campaign)}`, part);
    assert.equal(status, 200, JSON.stringify(body));
  });
}

function changeBuyerCap(buyer: BuyerName, cap: CapRule | undefined): Step {
  return step(`cap of ${buyer} everywhere is ${JSON.stringify(cap)}`, async (model, { leadgate, names }) => {
    model.rules.buyerCaps[buyer] = cap;
    // A part is merged: what is to go has to be said.
    const none = { leads: null, amount: null };
    const [period, limit] = Object.entries(capsOf(cap, model.rules.currency))[0] ?? [];
    const gone = { hour: null, day: null, month: null, total: null };
    const part = { caps: period === undefined ? gone : { ...gone, [period]: { ...none, ...limit } } };
    const { status, body } = await leadgate.admin("PATCH", `/buyers/${names.buyer(buyer)}`, part);
    assert.equal(status, 200, JSON.stringify(body));
  });
}

function suppress(phone: number): Step {
  return step(`suppress(phone ${phone})`, async (model, { leadgate, names, phone: phoneOf }) => {
    model.suppressed.add(phone);
    const path = `/suppression-lists/${names.list}/entries`;
    const { status } = await leadgate.admin("POST", path, { entries: [{ phone: phoneOf(phone) }] });
    assert.ok(status < 300);
  });
}

function forget(phone: number): Step {
  return step(`forget(phone ${phone})`, async (model, { leadgate, phone: phoneOf }) => {
    model.forget(phone);
    const { status, body } = await leadgate.admin("POST", "/erasures", { phone: phoneOf(phone) });
    assert.equal(status, 202);
    await untilTrue(async () => {
      const order = await leadgate.admin("GET", `/erasures/${body.data.id}`);
      return order.body.data.state === "done";
    }, "a person to be forgotten");
  });
}

function deposit(buyer: BuyerName, cents: number): Step {
  return step(`${buyer} pays ${cents} cents`, async (model, { leadgate, names, money }) => {
    model.deposits[buyer] += cents;
    const amount = money(cents);
    const { status } = await leadgate.admin("POST", `/buyers/${names.buyer(buyer)}/deposits`, { amount });
    assert.equal(status, 201);
  });
}

function letTimePass([title, ms]: [string, number]): Step {
  return step(`${title} pass`, async (model, real) => pass(model, real, ms));
}

function look(): Step {
  return step("look at everything", lookAtEverything);
}

/** Every balance and every lead is as the model has it. */
export async function lookAtEverything(model: Model, real: Real): Promise<void> {
  const { leadgate, names, leads, money } = real;
  const balanceOf = async (path: string) =>
    (await leadgate.admin("GET", `${path}/balance`)).body.data.balance;
  const [owed, ...balances] = await Promise.all([
    balanceOf(`/suppliers/${names.supplier}`),
    ...BUYERS.map((buyer) => balanceOf(`/buyers/${names.buyer(buyer)}`)),
  ]);
  assert.deepEqual(
    balances,
    BUYERS.map((buyer) => money(model.balanceOf(buyer))),
    "balances of buyers",
  );
  assert.equal(owed, money(model.owedToSupplier()), "the supplier's balance");
  for (const [index, lead] of model.leads.entries()) await onRecord(lead, leads[index] ?? "", real);
}
