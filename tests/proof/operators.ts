import type { CampaignEntry, ConfigurationDocument } from "#campaigns/document.ts";
import { OPERATOR_KEY } from "../support/leadgate.ts";
import { aPersonsLead } from "../support/people.ts";
import { backUp, forget, importLeads, simulate } from "./operations.ts";
import type { Progress } from "./progress.ts";
import type { ToldLead } from "./suppliers.ts";
import { BUYERS, SUPPLIERS, WALLETS } from "./world.ts";

/** Money that an operator booked under a reference of its own; unknown when the answer never came. */
export interface Booking {
  readonly reference: string;
  readonly outcome: "booked" | "refused" | "unknown";
}

/** All that operators were told. */
export interface Ruled {
  readonly bookings: Booking[];
  /** Returns by their decision, of which an operator was told. */
  readonly returns: Map<string, "accepted" | "rejected">;
  /** Orders to forget people, and the phones of these. */
  readonly forgotten: Map<string, string>;
  readonly counts: Record<string, number>;
  /** What no operator should see, a sentence each. */
  readonly surprises: string[];
}

export interface OperatorsSettings {
  readonly urls: readonly string[];
  readonly campaigns: readonly CampaignEntry[];
  readonly document: ConfigurationDocument;
  readonly progress: Progress;
  readonly random: () => number;
  /** What suppliers were told so far; what is told of imported leads comes to it. */
  readonly told: ToldLead[];
  /** Phones that are on the list for sure; more are put there. */
  readonly suppressed: string[];
  /** After so many leads each of the operators does something. */
  readonly pace: number;
}

const AT_ONCE = 3;

/** Some operators do one thing after the other while the load goes on: money, returns, configuration, suppression, readings. */
export async function operate(settings: OperatorsSettings): Promise<Ruled> {
  const ruled: Ruled = { bookings: [], returns: new Map(), forgotten: new Map(), counts: {}, surprises: [] };
  const operator = new Operator(settings, ruled);
  const { progress, pace } = settings;
  const work = async () => {
    while (!progress.isOver) {
      // From where the load is now: with no server, no lead comes through, and nobody tries in vain.
      await progress.until(progress.count + pace);
      if (!progress.isOver) await operator.doSomething();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return ruled;
}

/** Calls as the operator. Undefined when the connection breaks, or the server is not up to it: nobody knows then what came of it. */
export async function callAsOperator(
  url: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; body: Answer } | undefined> {
  try {
    const response = await fetch(`${url}/api/v1/admin${path}`, {
      method,
      keepalive: false,
      headers: { authorization: `Bearer ${OPERATOR_KEY}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (response.status === 503) return undefined;
    return { status: response.status, body: (text === "" ? {} : JSON.parse(text)) as Answer };
  } catch {
    return undefined;
  }
}

interface Answer {
  // oxlint-disable-next-line typescript/no-explicit-any -- each route answers something else
  readonly data?: any;
  readonly error?: string;
  readonly message?: string;
  readonly next_cursor?: string | null;
}

class Operator {
  readonly #settings: OperatorsSettings;
  readonly #ruled: Ruled;
  readonly #campaigns: CampaignEntry[];
  readonly #imported: string[] = [];
  #done = 0;

  constructor(settings: OperatorsSettings, ruled: Ruled) {
    this.#settings = settings;
    this.#ruled = ruled;
    this.#campaigns = structuredClone([...settings.campaigns]);
  }

  async doSomething(): Promise<void> {
    const percentile = this.#settings.random() * 100;
    this.#done += 1;
    if (percentile < 26) await this.#deposit();
    else if (percentile < 34) await this.#adjust();
    else if (percentile < 58) await this.#giveBack();
    else if (percentile < 67) await this.#configure();
    else if (percentile < 74) await this.#suppress();
    else if (percentile < 79) await this.#cost();
    else if (percentile < 87) await this.#import();
    else if (percentile < 91) await this.#forget();
    else if (percentile < 93) await simulate(this.#calling("simulation"), this.#settings.document);
    else if (percentile < 95) await this.#backUp();
    else await this.#readBalance();
  }

  async #deposit(): Promise<void> {
    const amount = `${this.#between(20, 400)}.${this.#between(10, 99)}`;
    const reference = `payment ${this.#done}`;
    const path = `/buyers/${this.#anyOf(WALLETS)}/deposits`;
    this.#book(reference, await this.#call("deposit", "POST", path, { amount, reference }));
  }

  async #adjust(): Promise<void> {
    const isBuyer = this.#settings.random() < 0.7;
    const party = isBuyer ? `/buyers/${this.#anyOf(BUYERS)}` : `/suppliers/${this.#anyOf(SUPPLIERS)}`;
    const note = `adjustment ${this.#done}`;
    const amount = `${this.#settings.random() < 0.6 ? "-" : ""}${this.#between(1, 40)}.0${this.#between(0, 9)}`;
    this.#book(note, await this.#call("adjustment", "POST", `${party}/adjustments`, { amount, note }, [409]));
  }

  #book(reference: string, answer: { status: number } | undefined): void {
    const outcome = answer === undefined ? "unknown" : answer.status === 201 ? "booked" : "refused";
    this.#ruled.bookings.push({ reference, outcome });
  }

  /** Asks for a lead's return, mostly of one just sold, and decides it on all servers at once. */
  async #giveBack(): Promise<void> {
    const sold = this.#settings.told.filter(({ status }) => status === "ACCEPTED");
    const recent = this.#settings.random() < 0.5 ? sold.slice(-50) : sold;
    const lead = this.#anyOf(recent);
    if (lead === undefined) return;
    const wanted = { reason: "bad_contact", buyer_id: lead.buyer_id };
    const path = `/leads/${lead.id}/returns`;
    const asked = await this.#call("return", "POST", path, wanted, [404, 409]);
    if (asked?.status !== 201) return;
    const id = String(asked.body.data?.id);
    const decision = this.#settings.random() < 0.8 ? "accept" : "reject";
    const note = decision === "reject" ? { note: "it was reached" } : undefined;
    const decided = await Promise.all(
      this.#settings.urls.map((url) => callAsOperator(url, "POST", `/returns/${id}/${decision}`, note)),
    );
    if (decided.some((each) => each?.status === 200)) {
      this.#ruled.returns.set(id, decision === "accept" ? "accepted" : "rejected");
    }
  }

  /** Another price, cap or status of one contract; the list of contracts is sent whole, so what was lost before comes with it. */
  async #configure(): Promise<void> {
    const campaign = this.#anyOf(this.#campaigns);
    const changed = this.#anyOf(campaign?.buyers ?? []);
    if (campaign === undefined || changed === undefined) return;
    const drawn = this.#settings.random();
    if (drawn < 0.4) changed.price = `${this.#between(1, 8)}.${this.#between(10, 99)}`;
    else if (drawn < 0.8)
      changed.caps = { hour: { leads: this.#between(0, 400) }, total: { amount: "2000.00" } };
    else changed.status = changed.status === "paused" ? "active" : "paused";
    await this.#call("configuration", "PATCH", `/campaigns/${campaign.id}`, { buyers: campaign.buyers });
  }

  async #suppress(): Promise<void> {
    const phone = String(aPersonsLead().body["phone"]);
    const path = "/suppression-lists/do-not-call/entries";
    const answer = await this.#call("suppression", "POST", path, { entries: [{ phone }] });
    if (answer !== undefined && answer.status < 300) this.#settings.suppressed.push(phone);
  }

  async #cost(): Promise<void> {
    const amount = `${this.#between(1, 90)}.00`;
    const day = new Date().toISOString().slice(0, 10);
    const campaign = this.#anyOf(this.#campaigns)?.id;
    const path = `/suppliers/${this.#anyOf(SUPPLIERS)}/costs`;
    await this.#call("cost", "POST", path, { day, campaign, amount, source: "ads" });
  }

  async #import(): Promise<void> {
    const direct = this.#campaigns.filter(({ mode }) => mode !== "ping_post");
    const campaign = this.#anyOf(direct)?.id ?? "";
    const imported = await importLeads(this.#calling("import"), campaign, this.#anyOf(SUPPLIERS) ?? "");
    this.#settings.told.push(...(imported?.told ?? []));
    this.#imported.push(...(imported?.phones ?? []));
  }

  async #forget(): Promise<void> {
    const phone = this.#imported.pop();
    if (phone === undefined) return;
    const order = await forget(this.#calling("erasure"), phone);
    if (order !== undefined) this.#ruled.forgotten.set(order, phone);
  }

  async #backUp(): Promise<void> {
    const wrong = await backUp(this.#anyOf(this.#settings.urls) ?? "");
    this.#ruled.counts["backup"] = (this.#ruled.counts["backup"] ?? 0) + 1;
    if (wrong !== undefined) this.#ruled.surprises.push(wrong);
  }

  #calling(what: string) {
    return (method: string, path: string, body?: unknown) => this.#call(what, method, path, body);
  }

  async #readBalance(): Promise<void> {
    const wallet = this.#anyOf(WALLETS);
    const answer = await this.#call("balance", "GET", `/buyers/${wallet}/balance`);
    const balance = answer?.body.data?.balance;
    if (String(balance).startsWith("-")) this.#ruled.surprises.push(`${wallet} was seen at ${balance}`);
  }

  async #call(what: string, method: string, path: string, body?: unknown, alsoFine: readonly number[] = []) {
    const answer = await callAsOperator(this.#anyOf(this.#settings.urls) ?? "", method, path, body);
    const outcome = answer === undefined ? `${what}, unanswered` : `${what} ${answer.status}`;
    this.#ruled.counts[outcome] = (this.#ruled.counts[outcome] ?? 0) + 1;
    const isFine = answer === undefined || answer.status < 300 || alsoFine.includes(answer.status);
    if (!isFine)
      this.#ruled.surprises.push(`${what} was answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    return answer;
  }

  #anyOf<T>(all: readonly T[]): T | undefined {
    return all[Math.floor(this.#settings.random() * all.length)];
  }

  #between(least: number, most: number): number {
    return least + Math.floor(this.#settings.random() * (most - least + 1));
  }
}
