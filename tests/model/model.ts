import {
  BUYERS,
  type BuyerName,
  type CampaignName,
  type CampaignRules,
  type CapRule,
  type ContractRules,
  HOLD_HOURS,
  type Rules,
  TIMEZONE,
} from "./rules.ts";

/**
 * The whole of Leadgate in a few pages, by what the manual says and by nothing that the server does: it keeps no counters, no keys and no
 * balances, but looks through all leads each time.
 */
export class Model {
  readonly rules: Rules;
  /** ms since 1970. */
  now: number;
  readonly leads: ModelLead[] = [];
  readonly pings: ModelPing[] = [];
  readonly returns: ModelReturn[] = [];
  readonly deposits: Record<BuyerName, number> = { wallet: 0, credit: 0, manual: 0 };
  /** Phones that must not be called. */
  readonly suppressed = new Set<number>();
  /** Buyers that refuse whatever they are sent. */
  readonly refusing = new Set<BuyerName>();
  /** What whoever is asked about leads says. */
  checker: Verdict = "passes";
  /** How often that brought no verdict: after ten times nobody would be asked any more. */
  failedChecks = 0;
  #turn = 0;
  readonly #served = new Map<string, number>();
  /** How many leads each is behind its share, where that counts. */
  readonly #owed = new Map<string, number>();

  constructor(rules: Rules) {
    this.rules = structuredClone(rules);
    this.now = Date.parse(rules.startsAt);
  }

  /** A lead that comes, with the ping that it comes after. */
  ingest(arriving: Arriving): Answer {
    const { campaign: name } = arriving;
    const campaign = this.rules.campaigns[name];
    if (campaign.status === "paused") return { http: 403, error: "inactive" };
    if (name === "pinged" && arriving.ping === undefined) return invalidFor("required");
    const lead = this.#leadOf(arriving);
    const ended = this.#endByPerson(lead);
    const flaw = ended === undefined ? this.#flawOf(arriving) : undefined;
    if (flaw !== undefined) return invalidFor(flaw);
    const answer = ended ?? this.#turnAway(lead) ?? this.#offer(lead);
    const { ping, status } = lead;
    if (ping !== undefined && status !== "REJECTED" && status !== "DUPLICATE") ping.isUsed = true;
    lead.answer = answer;
    this.leads.push(lead);
    return answer;
  }

  /** Whose person must not be called, or is known, is offered to nobody. */
  #endByPerson(lead: ModelLead): Answer | undefined {
    if (this.suppressed.has(lead.person.phone)) return this.#end(lead, "REJECTED", 422);
    const original = this.#originalOf(lead);
    if (this.rules.campaigns[lead.campaign].duplicates.action === "route_to_original") {
      lead.repeats = original;
      return undefined;
    }
    return original && this.#end(lead, "DUPLICATE");
  }

  /** By whoever was asked about it; or it waits for a person. */
  #turnAway(lead: ModelLead): Answer | undefined {
    const { onError, holdsOdd } = this.rules.campaigns[lead.campaign];
    const isFailed = onError !== undefined && this.checker === "fails";
    if (isFailed) this.failedChecks += 1;
    const isRejected = onError !== undefined && this.checker === "rejects";
    if (isRejected || (isFailed && onError === "reject")) return this.#end(lead, "REJECTED", 422);
    const isHeld = (holdsOdd && lead.isOdd) || (isFailed && onError === "hold");
    return isHeld ? this.#end(lead, "HELD", 202) : undefined;
  }

  /** Sells it to whom it can be sold. */
  #offer(lead: ModelLead): Answer {
    this.#sell(lead);
    if (lead.sales.some(stands)) return this.#end(lead, "ACCEPTED", 201);
    return this.#end(lead, lead.repeats === undefined ? "UNMATCHED" : "DUPLICATE");
  }

  /** Leads that wait for a person. */
  get held(): ModelLead[] {
    return this.leads.filter(({ status, isOverdue }) => status === "HELD" && !isOverdue);
  }

  /** A person lets a lead go on, as if it came now; undefined: nothing is left of it to sell. */
  release(lead: ModelLead): Answer | undefined {
    if (lead.isForgotten) return undefined;
    lead.at = this.now;
    if (this.rules.campaigns[lead.campaign].status === "paused") return this.#end(lead, "UNMATCHED");
    return this.#endByPerson(lead) ?? this.#offer(lead);
  }

  /** A person refuses a lead that waits. */
  turnDown(lead: ModelLead): Answer {
    return this.#end(lead, "REJECTED");
  }

  /** Time passes, in ms: what waits too long for a person is refused, sooner or later. */
  pass(ms: number): void {
    this.now += ms;
    for (const lead of this.held) lead.isOverdue = this.now - lead.at >= HOLD_HOURS * HOUR;
  }

  #leadOf({ campaign, person, ping, isOdd = false }: Arriving): ModelLead {
    return {
      campaign,
      person,
      isOdd,
      isOverdue: false,
      declined: new Set(),
      at: this.now,
      status: "UNMATCHED",
      sales: [],
      isKnown: false,
      isForgotten: false,
      repeats: undefined,
      ping,
      answer: undefined,
    };
  }

  #end(lead: ModelLead, status: ModelLead["status"], http = 200): Answer {
    const sold = lead.sales.filter(stands);
    lead.status = status;
    lead.isKnown = status === "ACCEPTED";
    return {
      http,
      status,
      buyer: sold[0]?.buyer ?? null,
      payouts: sold.map(({ payout }) => payout),
      isDuplicate: status === "ACCEPTED" && lead.repeats !== undefined,
    };
  }

  #flawOf({ ping, person }: Arriving): string | undefined {
    if (ping === undefined) return undefined;
    if (this.now >= ping.at + 30 * MINUTE) return "expired";
    const { phone, email } = ping.person;
    if ((phone ?? person.phone) !== person.phone || (email ?? person.email) !== person.email)
      return "mismatch";
    return ping.isUsed ? "replayed" : undefined;
  }

  /** What a lead of this person would bring. */
  ping(person: Partial<Person>): PingAnswer {
    const { campaigns } = this.rules;
    if (campaigns.pinged.status === "paused") return { accepted: false, reason: "inactive" };
    if (person.phone !== undefined && this.suppressed.has(person.phone))
      return { accepted: false, reason: "suppressed" };
    const lead = this.#leadOf({ campaign: "pinged", person: { phone: -1, email: -1, ...person } });
    lead.repeats = this.#originalOf(lead);
    if (lead.repeats !== undefined && campaigns.pinged.duplicates.action === "reject")
      return { accepted: false, reason: "duplicate" };
    const all = this.#ranked(lead);
    if (all.length === 0)
      return { accepted: false, reason: lead.repeats === undefined ? "no_buyer" : "duplicate" };
    const bids = all.map((buyer) => this.#bidOf(lead, buyer));
    const most = lead.repeats === undefined ? campaigns.pinged.maxSells : 1;
    const ping = { person, at: this.now, bids, isUsed: false };
    this.pings.push(ping);
    const payouts = bids.slice(0, most).map((bid, index) => (index === 0 ? bid.payout : bid.furtherPayout));
    return {
      accepted: true,
      price: sum(payouts),
      bids: bids.map(({ buyer, payout }) => ({ buyer, payout })),
    };
  }

  #bidOf(lead: ModelLead, buyer: BuyerName): Bid {
    const { payout } = this.rules.campaigns[lead.campaign];
    const price = this.#priceOf(lead, buyer) ?? 0;
    if ("fixed" in payout) return { buyer, price, payout: payout.fixed, furtherPayout: 0 };
    const share = halfToEven(price * payout.percent, 100);
    return { buyer, price, payout: share, furtherPayout: share };
  }

  /** A ping's promise holds, whatever was configured since; nobody else gets its lead. */
  #priceOf({ campaign, ping }: ModelLead, buyer: BuyerName): number | undefined {
    if (ping === undefined) return this.rules.campaigns[campaign].contracts[buyer].price;
    return ping.bids.find((bid) => bid.buyer === buyer)?.price;
  }

  /** The earliest of the leads that were last accepted with this phone, and with this e-mail. */
  #originalOf(lead: ModelLead): ModelLead | undefined {
    const { campaign, person } = lead;
    const since = this.now - this.rules.campaigns[campaign].duplicates.days * DAY;
    const known = this.leads.filter((each) => each.isKnown && each.campaign === campaign && each !== lead);
    const last = (field: keyof Person) =>
      known.findLast((each) => each.person[field] === person[field] && person[field] >= 0);
    return [last("phone"), last("email")]
      .filter((each) => each !== undefined)
      .filter(({ at }) => at > since)
      .toSorted((one, other) => one.at - other.at)[0];
  }

  #ranked(lead: ModelLead): BuyerName[] {
    const campaign = this.rules.campaigns[lead.campaign];
    const able = BUYERS.filter((buyer) => this.#canTake(lead, buyer, campaign));
    const original = lead.repeats?.buyerThen;
    if (lead.repeats !== undefined) return able.filter((buyer) => buyer === original);
    if (lead.ping !== undefined) return byQuote(able, lead.ping);
    const turn = (buyer: BuyerName) => this.#served.get(`${lead.campaign} ${buyer}`) ?? 0;
    const { contracts, distribution } = campaign;
    const dearest = (one: BuyerName, other: BuyerName) => contracts[other].price - contracts[one].price;
    const first = (one: BuyerName, other: BuyerName) => contracts[one].priority - contracts[other].priority;
    const isByPrice = lead.campaign === "pinged" || distribution === "highest_bid";
    if (distribution === "weighted") {
      const prices = new Set(able.toSorted(dearest).map((buyer) => contracts[buyer].price));
      if (!isByPrice) return this.#byWeight(lead.campaign, able);
      return [...prices].flatMap((price) =>
        this.#byWeight(
          lead.campaign,
          able.filter((buyer) => contracts[buyer].price === price),
        ),
      );
    }
    return able.toSorted(
      (one, other) =>
        (isByPrice ? dearest(one, other) : 0) ||
        (distribution === "priority" ? first(one, other) : 0) ||
        turn(one) - turn(other),
    );
  }

  /**
   * In the order in which each would be a whole lead behind its share. Who is not behind at all comes after those who are; of two in the
   * same place, the one that stands first in the document.
   */
  #byWeight(campaign: CampaignName, able: readonly BuyerName[]): BuyerName[] {
    const { contracts } = this.rules.campaigns[campaign];
    const left = [...able];
    const order: BuyerName[] = [];
    while (left.length > 0) {
      const all = sum(left.map((buyer) => contracts[buyer].weight));
      const standing = left.map((buyer) => {
        const share = contracts[buyer].weight / all;
        const owed = this.#owed.get(`${campaign} ${buyer}`) ?? 0;
        return { buyer, isBehind: owed + share > ALIKE, until: (1 - owed) / share };
      });
      const next = standing.reduce((best, each) => {
        if (each.isBehind !== best.isBehind) return each.isBehind ? each : best;
        return each.until < best.until - ALIKE ? each : best;
      });
      order.push(next.buyer);
      left.splice(left.indexOf(next.buyer), 1);
    }
    return order;
  }

  #canTake(lead: ModelLead, buyer: BuyerName, campaign: CampaignRules): boolean {
    const { contracts, supplierCap } = campaign;
    const contract = contracts[buyer];
    const price = this.#priceOf(lead, buyer);
    if (contract.status === "paused" || price === undefined) return false;
    if (lead.declined.has(buyer) || lead.sales.some((sale) => sale.buyer === buyer)) return false;
    const ofBuyer = this.#sales().filter((sale) => sale.buyer === buyer);
    const ofContract = ofBuyer.filter((sale) => sale.campaign === lead.campaign);
    return (
      this.#hasRoom(contract.cap, ofContract.filter(counts), price) &&
      this.#hasRoom(this.rules.buyerCaps[buyer], ofBuyer.filter(counts), price) &&
      this.#hasRoom(supplierCap, this.#countedLeads(lead), 0) &&
      this.#canPay(buyer, price)
    );
  }

  #sales(): ModelSale[] {
    return this.leads.flatMap(({ sales }) => sales);
  }

  /** A supplier's leads count once each, with the first of their sales that counts. */
  #countedLeads(lead: ModelLead): { at: number; price: number }[] {
    const others = this.leads.filter((each) => each.campaign === lead.campaign && each !== lead);
    return others.flatMap(({ sales }) => sales.filter(counts).slice(0, 1));
  }

  #hasRoom(
    cap: CapRule | undefined,
    sales: readonly { at: number; price: number }[],
    price: number,
  ): boolean {
    if (cap === undefined) return true;
    const used = sales.filter(({ at }) => cap.period === "total" || isSame(cap.period, at, this.now));
    if (cap.leads !== undefined && used.length >= cap.leads) return false;
    return cap.amount === undefined || sum(used.map((sale) => sale.price)) + price <= cap.amount;
  }

  #canPay(buyer: BuyerName, price: number): boolean {
    if (buyer === "manual") return true;
    return price <= this.balanceOf(buyer) + (buyer === "credit" ? this.rules.creditLimit : 0);
  }

  /** What a buyer paid, less what it has. */
  balanceOf(buyer: BuyerName): number {
    const bought = this.#sales().filter((sale) => sale.buyer === buyer && stands(sale));
    return this.deposits[buyer] - sum(bought.map(({ price }) => price));
  }

  /** A fixed payout is due while anything of the lead stands or is kept, a share with each of its sales. */
  owedToSupplier(): number {
    const due = this.leads.map(({ campaign, sales }) => {
      const paid = sales.filter((sale) => stands(sale) || sale.keepsPayout);
      const { payout } = this.rules.campaigns[campaign];
      if ("fixed" in payout) return paid.length > 0 ? payout.fixed : 0;
      return sum(paid.map((sale) => sale.payout));
    });
    return sum(due);
  }

  /**
   * Its original's buyer gets it alone, or as many get it as may have it, best first. One that is asked before and says no ends that for
   * all of them: it is sold anew then, and who was chosen before has spent its turn on it.
   */
  #sell(lead: ModelLead, chosenBefore: readonly BuyerName[] = []): void {
    const able = this.#ranked(lead);
    const before = lead.sales.filter(stands).length;
    const room = this.rules.campaigns[lead.campaign].maxSells - before;
    const winners = able.slice(0, lead.repeats === undefined ? room : 1);
    for (const buyer of winners) lead.sales.push(this.#saleOf(lead, buyer));
    const served = winners.filter((buyer) => !chosenBefore.includes(buyer));
    const inTurn = able.filter((buyer) => served.includes(buyer) || !winners.includes(buyer));
    for (const buyer of served) this.#served.set(`${lead.campaign} ${buyer}`, ++this.#turn);
    for (const rivals of new Set(served.map((buyer) => this.#rivals(lead, buyer, inTurn).join(" ")))) {
      this.#countDebts(
        lead.campaign,
        served,
        inTurn.filter((buyer) => rivals.split(" ").includes(buyer)),
      );
    }
    lead.at = this.now;
    lead.buyerThen = lead.sales.find(stands)?.buyer;
    const asked = winners.find((buyer) => buyer === this.rules.asksFirst);
    if (asked === undefined) return;
    if (this.refusing.has(asked)) {
      lead.declined.add(asked);
      lead.sales.splice(lead.sales.length - winners.length);
      this.#sell(lead, winners);
    } else for (const sale of lead.sales) if (sale.buyer === asked) sale.isAnswered = true;
  }

  #saleOf(lead: ModelLead, buyer: BuyerName): ModelSale {
    const { payout, furtherPayout, price } = this.#promised(lead, buyer);
    const isFirst = lead.sales.filter(stands).length === 0;
    return {
      campaign: lead.campaign,
      buyer,
      price,
      payout: isFirst ? payout : furtherPayout,
      at: this.now,
      status: "sold",
      isAnswered: false,
      keepsCap: false,
      keepsPayout: false,
    };
  }

  /** Where the price goes before the turn, those of another price lost on that. */
  #rivals(lead: ModelLead, served: BuyerName, able: readonly BuyerName[]): readonly BuyerName[] {
    const priceOf = (buyer: BuyerName) => this.#promised(lead, buyer).price;
    return lead.campaign === "pinged" ? able.filter((each) => priceOf(each) === priceOf(served)) : able;
  }

  /** Of those whose turn it could have been each is owed its share of all that was served of them, one at most, up to a whole lead. */
  #countDebts(campaign: CampaignName, served: readonly BuyerName[], rivals: readonly BuyerName[]): void {
    const { contracts } = this.rules.campaigns[campaign];
    let [places, open] = [rivals.filter((buyer) => served.includes(buyer)).length, [...rivals]];
    const shares = new Map<BuyerName, number>();
    // Heaviest first: whoever is due a whole one leaves the others fewer places.
    for (const buyer of rivals.toSorted((one, other) => contracts[other].weight - contracts[one].weight)) {
      const all = sum(open.map((each) => contracts[each].weight));
      const share = Math.min(1, (places * contracts[buyer].weight) / all);
      shares.set(buyer, share);
      if (share === 1) [places, open] = [places - 1, open.filter((each) => each !== buyer)];
    }
    for (const buyer of rivals) {
      const name = `${campaign} ${buyer}`;
      const owed = (this.#owed.get(name) ?? 0) + (shares.get(buyer) ?? 0) - (served.includes(buyer) ? 1 : 0);
      this.#owed.set(name, Math.max(-1, Math.min(1, owed)));
    }
  }

  #promised(lead: ModelLead, buyer: BuyerName): Bid {
    return lead.ping?.bids.find((bid) => bid.buyer === buyer) ?? this.#bidOf(lead, buyer);
  }

  /** The buyers of the lead say what they make of it; who refuses is followed by the next, as the contract says. */
  deliver(lead: ModelLead): void {
    for (;;) {
      const sale = lead.sales.find((each) => !each.isAnswered && stands(each));
      if (sale === undefined) return;
      sale.isAnswered = true;
      if (this.refusing.has(sale.buyer)) this.#refuse(lead, sale);
    }
  }

  #refuse(lead: ModelLead, sale: ModelSale): void {
    const { onRefusal }: ContractRules = this.rules.campaigns[lead.campaign].contracts[sale.buyer];
    if (onRefusal === "keep") return;
    sale.status = "refused";
    if (onRefusal === "next_buyer") {
      lead.isKnown = false;
      this.#sell(lead);
    }
    lead.buyerThen = lead.sales.find(stands)?.buyer;
    lead.isKnown = lead.sales.some(stands);
    lead.status = lead.isKnown ? "ACCEPTED" : "UNMATCHED";
  }

  /** A buyer asks to give a lead back. */
  askReturn(lead: ModelLead, buyer: BuyerName): boolean {
    const own = lead.sales.filter((each) => each.buyer === buyer);
    const sale = own.find(({ status }) => status === "sold");
    if (sale === undefined || this.returns.some((each) => each.sale === sale)) return false;
    if (this.now >= sale.at + 7 * DAY) return false;
    const since = this.now - 30 * DAY;
    const bought = this.#sales().filter((each) => each.buyer === buyer && hourOf(each.at) * HOUR >= since);
    const asked = this.returns.filter(
      (each) => each.sale.buyer === buyer && each.at >= since && each.status !== "rejected",
    );
    const most = Math.max(1, Math.floor((bought.length * this.rules.mostReturned) / 100));
    if (asked.length + 1 > most) return false;
    this.returns.push({ lead, sale, at: this.now, status: "pending" });
    return true;
  }

  /** True: it is decided so, be it once more. */
  decideReturn(asked: ModelReturn, decision: "accepted" | "rejected"): boolean {
    if (asked.status !== "pending") return asked.status === decision;
    asked.status = decision;
    if (decision === "rejected") return true;
    const { lead, sale } = asked;
    const { returns } = this.rules.campaigns[lead.campaign];
    sale.status = "returned";
    sale.keepsCap = returns.cap === "keep";
    sale.keepsPayout = returns.payout === "keep";
    if (!lead.sales.some(stands)) lead.status = "RETURNED";
    return true;
  }

  /** Nothing is compared with the leads of this phone any more. */
  forget(phone: number): void {
    for (const lead of this.leads.filter((each) => each.person.phone === phone && !each.isForgotten)) {
      lead.isForgotten = true;
      lead.isKnown = false;
    }
  }
}

/** Numbers that phones and e-mail addresses are made of. */
export interface Person {
  readonly phone: number;
  readonly email: number;
}

export interface Arriving {
  readonly campaign: CampaignName;
  readonly person: Person;
  readonly ping?: ModelPing | undefined;
  readonly isOdd?: boolean;
}

/** What somebody else says who is asked about a lead. */
export type Verdict = "passes" | "rejects" | "fails";

export interface ModelLead {
  readonly campaign: CampaignName;
  readonly person: Person;
  /** When it was decided last. */
  at: number;
  status: "ACCEPTED" | "UNMATCHED" | "DUPLICATE" | "REJECTED" | "RETURNED" | "HELD";
  readonly isOdd: boolean;
  /** It is held, and nobody decided about it in time. */
  isOverdue: boolean;
  readonly sales: ModelSale[];
  /** Who was asked first, and said no. */
  readonly declined: Set<BuyerName>;
  /** Later leads are compared with it. */
  isKnown: boolean;
  isForgotten: boolean;
  /** The lead whose person it repeats, where its campaign sends it to that one's buyer. */
  repeats: ModelLead | undefined;
  /** Who had it when it was decided last. */
  buyerThen?: BuyerName | undefined;
  readonly ping: ModelPing | undefined;
  answer: Answer | undefined;
}

export interface ModelSale {
  readonly campaign: CampaignName;
  readonly buyer: BuyerName;
  readonly price: number;
  readonly payout: number;
  readonly at: number;
  status: "sold" | "refused" | "returned";
  isAnswered: boolean;
  keepsCap: boolean;
  keepsPayout: boolean;
}

export interface ModelPing {
  readonly person: Partial<Person>;
  readonly at: number;
  readonly bids: readonly Bid[];
  isUsed: boolean;
}

interface Bid {
  readonly buyer: BuyerName;
  readonly price: number;
  readonly payout: number;
  readonly furtherPayout: number;
}

export interface ModelReturn {
  readonly lead: ModelLead;
  readonly sale: ModelSale;
  readonly at: number;
  status: "pending" | "accepted" | "rejected";
}

export interface Answer {
  readonly http: number;
  readonly status?: ModelLead["status"];
  readonly error?: string;
  readonly flaw?: string;
  readonly buyer?: BuyerName | null;
  readonly payouts?: readonly number[];
  readonly isDuplicate?: boolean;
}

export type PingAnswer =
  | { accepted: false; reason: string }
  | { accepted: true; price: number; bids: { buyer: BuyerName; payout: number }[] };

const invalidFor = (flaw: string): Answer => ({ http: 400, error: "validation_failed", flaw });

/** Shares that differ by less are the same. */
const ALIKE = 1e-9;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

function stands({ status }: ModelSale): boolean {
  return status === "sold";
}

function counts(sale: ModelSale): boolean {
  return stands(sale) || sale.keepsCap;
}

function byQuote(able: readonly BuyerName[], { bids }: ModelPing): BuyerName[] {
  return bids.map(({ buyer }) => buyer).filter((buyer) => able.includes(buyer));
}

function isSame(period: "hour" | "day" | "month", one: number, other: number): boolean {
  if (period === "hour") return hourOf(one) === hourOf(other);
  const length = period === "day" ? "2026-01-01".length : "2026-01".length;
  return dateOf(one).slice(0, length) === dateOf(other).slice(0, length);
}

/** Hours begin everywhere in this zone as they do in UTC. */
function hourOf(time: number): number {
  return Math.floor(time / HOUR);
}

const local = new Intl.DateTimeFormat("en-CA", { timeZone: TIMEZONE, dateStyle: "short" });

function dateOf(time: number): string {
  return local.format(time);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

function halfToEven(numerator: number, denominator: number): number {
  const whole = Math.floor(numerator / denominator);
  const twice = 2 * (numerator - whole * denominator);
  if (twice === denominator) return whole + (whole % 2);
  return twice > denominator ? whole + 1 : whole;
}
