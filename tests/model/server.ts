import type { Database } from "#database/database.ts";
import { type Leadgate, openLeadgate, type Reply, testClock } from "../support/leadgate.ts";
import { startPretendBuyer } from "../support/pretend-buyer.ts";
import type { Verdict } from "./model.ts";
import {
  BUYERS,
  type BuyerName,
  type CampaignName,
  documentOf,
  money,
  type Names,
  type Rules,
} from "./rules.ts";

/** The real Leadgate of one run, with what commands have to remember to call it. */
export interface Real {
  readonly leadgate: Leadgate;
  readonly names: Names;
  /** Of leads, pings and returns, in the order of the model's. */
  readonly leads: string[];
  readonly pings: string[];
  readonly returns: string[];
  /** What each lead was sent with, to be sent again; undefined: it was imported. */
  readonly sent: ({ body: Record<string, unknown>; key: string } | undefined)[];
  refuse(buyer: BuyerName, refuses: boolean): void;
  /** What whoever is asked about leads says from now on. */
  check(verdict: Verdict): void;
  /** Cents as the run's currency has them. */
  money(cents: number): string;
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
  const failing = new Set<string>();
  const receiver = await startPretendBuyer({
    keepBodies: false,
    choose({ path }) {
      if (failing.has(path.slice(1))) return "fail";
      return refusing.has(path.slice(1)) ? "reject-json" : "accept";
    },
  });
  const leadgate = openLeadgate(database, testClock());
  return {
    leadgate,
    async begin(rules) {
      runs += 1;
      refusing.clear();
      failing.clear();
      leadgate.logged.length = 0;
      leadgate.clock.set(rules.startsAt);
      const names = namesOf(runs);
      await leadgate.configure(documentOf(rules, names, (whom) => `${receiver.url()}${whom}`));
      return {
        ...realOf(leadgate, names, { refusing, failing }, runs),
        money: (cents) => money(cents, rules.currency),
      };
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
    checker: `checker-${run}`,
    campaign: (name: CampaignName) => `${name}-${run}`,
    buyer: (name: BuyerName) => `${name}-${run}`,
  };
}

function realOf(
  leadgate: Leadgate,
  names: Names,
  { refusing, failing }: Record<"refusing" | "failing", Set<string>>,
  run: number,
): Omit<Real, "money"> {
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
    check(verdict) {
      for (const each of [refusing, failing]) each.delete(names.checker);
      if (verdict === "rejects") refusing.add(names.checker);
      if (verdict === "fails") failing.add(names.checker);
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
