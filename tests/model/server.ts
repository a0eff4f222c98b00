import type { Database } from "#database/database.ts";
import { type Leadgate, openLeadgate, type Reply, testClock } from "../support/leadgate.ts";
import { startPretendBuyer } from "../support/pretend-buyer.ts";
import { BUYERS, type BuyerName, type CampaignName, documentOf, type Names, type Rules } from "./rules.ts";

/** The real Leadgate of one run, with what commands have to remember to call it. */
export interface Real {
  readonly leadgate: Leadgate;
  readonly names: Names;
  /** Of leads, pings and returns, in the order of the model's. */
  readonly leads: string[];
  readonly pings: string[];
  readonly returns: string[];
  /** What each lead was sent with, to be sent again. */
  readonly sent: { body: Record<string, unknown>; key: string }[];
  refuse(buyer: BuyerName, refuses: boolean): void;
  buyerOf(id: string | null): BuyerName | null;
  phone(number: number): string;
  email(number: number): string;
}

/** One server and its pretended buyers for many runs, each of which gets parts and people of its own. */
export interface Stage extends AsyncDisposable {
  readonly leadgate: Leadgate;
  begin(rules: Rules): Promise<Real>;
}

let runs = 0;

export async function openStage(database: Database): Promise<Stage> {
  const refusing = new Set<string>();
  const receiver = await startPretendBuyer({
    keepBodies: false,
    choose: ({ path }) => (refusing.has(path.slice(1)) ? "reject-json" : "accept"),
  });
  const leadgate = openLeadgate(database, testClock());
  return {
    leadgate,
    async begin(rules) {
      runs += 1;
      refusing.clear();
      leadgate.logged.length = 0;
      leadgate.clock.set(rules.startsAt);
      const names = namesOf(runs);
      await leadgate.configure(documentOf(rules, names, (buyer) => `${receiver.url()}${buyer}`));
      return realOf(leadgate, names, refusing, runs);
    },
    async [Symbol.asyncDispose]() {
      await leadgate.server.stop();
      await receiver.close();
    },
  };
}

function namesOf(run: number): Names {
  return {
    supplier: `supplier-${run}`,
    list: `list-${run}`,
    campaign: (name: CampaignName) => `${name}-${run}`,
    buyer: (name: BuyerName) => `${name}-${run}`,
  };
}

function realOf(leadgate: Leadgate, names: Names, refusing: Set<string>, run: number): Real {
  return {
    leadgate,
    names,
    leads: [],
    pings: [],
    returns: [],
    sent: [],
    refuse(buyer, refuses) {
      if (refuses) refusing.add(names.buyer(buyer));
      else refusing.delete(names.buyer(buyer));
    },
    buyerOf: (id) => BUYERS.find((name) => names.buyer(name) === id) ?? null,
    phone: (number) => `512${2_000_000 + run * 10 + number}`,
    email: (number) => `person.${run}.${number}@example.com`,
  };
}

/** Pings as the run's supplier. */
export function pingWith({ leadgate, names }: Real, body: Record<string, unknown>): Promise<Reply> {
  return leadgate.call("POST", "/api/v1/ping", {
    headers: { "x-api-key": leadgate.keyOf(names.supplier), "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}
