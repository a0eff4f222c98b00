import type { Author } from "#configuration/history-records.ts";
import { rejectHeld, releaseHeld } from "#intake/held/release.ts";
import { NotTakenIn, OnAnotherNode } from "#intake/lane/lane.ts";
import { redistribute } from "#intake/reopen.ts";
import { LinkLost } from "#peers/link.ts";
import type { Peers } from "#peers/peers.ts";
import { acceptReturn } from "#returns/decide-return.ts";

/**
 * What operators have decided anew, each by arguments and with a result that are JSON. Where tables are spread over nodes of Citus, only a
 * server that is connected to the campaign's decides: others hand it on.
 */
export type Errands = ReturnType<typeof errandsHere>;

/** Those that this server does by itself. */
export function errandsHere(settling: Parameters<typeof acceptReturn>[2]) {
  return {
    redistribute: (leadId: string, by: string) => redistribute(leadId, by, settling),
    releaseHeld: (leadId: string, by: string) => releaseHeld(leadId, by, settling),
    rejectHeld: (leadId: string, by: string, note: string | undefined) =>
      rejectHeld(leadId, { by, note }, settling),
    acceptReturn: (id: string, { by, now }: Author) => acceptReturn(id, { by, now: new Date(now) }, settling),
  };
}

/** As one server asks another. */
interface Question {
  errand: keyof Errands;
  args: readonly unknown[];
}

type Answer = { result: unknown } | { notTakenIn: { message: string; retryAfter: number } };

/** The same, done by a server of the right node where this one's is another. @throws NotTakenIn, whose caller looks how it ended. */
export function handedOn(own: Errands, peers: Peers | undefined): Errands {
  async function done<Name extends keyof Errands>(
    errand: Name,
    here: () => ReturnType<Errands[Name]>,
    args: Parameters<Errands[Name]>,
  ): Promise<Awaited<ReturnType<Errands[Name]>>> {
    try {
      return await here();
    } catch (error) {
      if (!(error instanceof OnAnotherNode) || peers === undefined) throw error;
      const server = await peers.serverFor(error.campaignId);
      if (server === undefined) throw error;
      const question: Question = { errand, args };
      return (await ask(peers, server, question)) as Awaited<ReturnType<Errands[Name]>>;
    }
  }
  return {
    redistribute: (...args) => done("redistribute", () => own.redistribute(...args), args),
    releaseHeld: (...args) => done("releaseHeld", () => own.releaseHeld(...args), args),
    rejectHeld: (...args) => done("rejectHeld", () => own.rejectHeld(...args), args),
    acceptReturn: (...args) => done("acceptReturn", () => own.acceptReturn(...args), args),
  };
}

async function ask(peers: Peers, server: string, question: Question): Promise<unknown> {
  try {
    const said = (await peers.ask(server, JSON.stringify(question))) as Answer;
    if ("result" in said) return said.result;
    throw new NotTakenIn(said.notTakenIn.message, said.notTakenIn.retryAfter);
  } catch (error) {
    if (error instanceof LinkLost) throw new NotTakenIn(error.message, 2);
    throw error;
  }
}

/** Answers what another server hands on; undefined: the question is about something else. */
export function answerErrand(own: Errands, question: unknown): Promise<string> | undefined {
  return isErrand(question) ? answered(own, question) : undefined;
}

function isErrand(question: unknown): question is Question {
  return typeof question === "object" && question !== null && "errand" in question;
}

async function answered(own: Errands, { errand, args }: Question): Promise<string> {
  const run = own[errand] as (...args: readonly unknown[]) => Promise<unknown>;
  try {
    return JSON.stringify({ result: await run(...args) } satisfies Answer);
  } catch (error) {
    const { message, retryAfter } = error instanceof NotTakenIn ? error : FAILED;
    return JSON.stringify({ notTakenIn: { message, retryAfter } } satisfies Answer);
  }
}

const FAILED = { message: "The other server could not do it.", retryAfter: 2 };
