import { type Behaviour, type PretendBuyer, startPretendBuyer } from "../support/pretend-buyer.ts";
import { BUYERS, type BuyerName, CHECKER } from "./world.ts";

/** What a buyer said to a delivery in the end: it keeps to that, however often it is asked. */
interface Reception {
  readonly buyer: string;
  /** It took the lead, and said so on the wire at least once. */
  accepted: boolean;
  times: number;
}

/** The world's buyers: what they make of a lead is a matter of the seed and of its delivery alone. */
export interface Buyers extends AsyncDisposable {
  readonly receiver: PretendBuyer;
  /** By the id of the delivery. */
  readonly received: ReadonlyMap<string, Reception>;
  /** One that is down fails whatever it is asked. */
  take(buyer: BuyerName, state: "down" | "up"): void;
  /** From now on nobody fails: what is still to be delivered can be. */
  behave(): void;
}

export async function startBuyers(seed: number): Promise<Buyers> {
  const received = new Map<string, Reception>();
  const down = new Set<string>();
  let isWellBehaved = false;

  let checked = 0;
  function choose({ path, headers }: { path: string; headers: Readonly<Record<string, string>> }): Behaviour {
    const buyer = path.slice(1);
    // Who is asked about a lead has nothing against it, or fails.
    if (buyer === CHECKER) return FAILURES[drawn(`${seed} check ${(checked += 1)}`, 1000)] ?? "accept";
    const id = headers["webhook-id"] ?? "";
    const reception = received.get(id) ?? { buyer, accepted: false, times: 0 };
    received.set(id, reception);
    reception.times += 1;
    if (down.has(buyer)) return "gateway";
    const failure = isWellBehaved ? undefined : FAILURES[drawn(`${seed} ${id} ${reception.times}`, 1000)];
    if (failure !== undefined) return failure;
    const verdict = verdictOf(drawn(`${seed} ${id}`, 100));
    reception.accepted ||= verdict === "accept";
    return verdict;
  }

  const receiver = await startPretendBuyer({ keepBodies: false, choose });
  return {
    receiver,
    received,
    take: (buyer, state) => void (state === "down" ? down.add(buyer) : down.delete(buyer)),
    behave() {
      isWellBehaved = true;
      for (const buyer of BUYERS) down.delete(buyer);
    },
    [Symbol.asyncDispose]: () => receiver.close(),
  };
}

/** Of a thousand attempts, which fail and how. */
const FAILURES: Readonly<Partial<Record<number, Behaviour>>> = Object.fromEntries(
  (
    [
      ["fail", 30],
      ["gateway", 5],
      ["reset", 8],
      ["cut-off", 4],
      ["garbage", 2],
      ["hang", 2],
    ] as const
  )
    .flatMap(([behaviour, share]) => Array.from({ length: share }, () => behaviour))
    .entries(),
);

function verdictOf(percentile: number): Behaviour {
  if (percentile < 10) return "reject-json";
  return percentile < 13 ? "duplicate" : "accept";
}

function drawn(text: string, sides: number): number {
  return Number(BigInt(Bun.hash(text)) % BigInt(sides));
}
