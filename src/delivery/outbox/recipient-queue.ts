import type { Claimed, NewDelivery } from "./outbox-records.ts";

/** A delivery that this server alone may attempt until its lease ends. */
export interface Leased {
  readonly delivery: Claimed;
  readonly lease: Lease;
}

interface Lease {
  /** UUID. */
  readonly id: string;
  /** ms since 1970. */
  readonly endsAt: number;
}

/** A delivery as if it had been claimed, by the lease that it was written with; undefined when it has none. */
export function leasedFrom(delivery: NewDelivery, campaignId: string): Leased | undefined {
  const {
    id,
    recipient,
    event,
    contentType,
    body,
    subject,
    request = null,
    trace = null,
    asks = false,
    lease,
  } = delivery;
  if (lease === undefined) return undefined;
  const content = { id, campaignId, recipient, event, contentType, body, subject, request, trace };
  const giveUpAt = Date.parse(delivery.giveUpAt);
  return {
    delivery: { ...content, attempt: 1, byHand: false, asks, giveUpAt },
    lease: { id: lease.id, endsAt: Date.parse(lease.until) },
  };
}

/** How many attempts ended within a second of the monotonic clock, and within the one before. */
interface Throughput {
  readonly second: number;
  readonly ended: number;
  readonly before: number;
}

/** The most that one server leases for one recipient. */
const MOST_LEASED = 500;

/** The deliveries to one recipient that this server has leased: some are in flight, the others wait until those end. */
export class RecipientQueue {
  #inFlight = 0;
  #waiting: Leased[] = [];
  #throughput: Throughput = { second: 0, ended: 0, before: 0 };

  /** Requests that are on their way, and places taken for those to come. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** All deliveries that are leased. */
  get size(): number {
    return this.#inFlight + this.#waiting.length;
  }

  takePlaces(count: number): void {
    this.#inFlight += count;
  }

  freePlaces(count: number): void {
    this.#inFlight -= count;
  }

  add(leased: readonly Leased[]): void {
    this.#waiting.push(...leased);
  }

  /** Takes the first that waits if fewer than `mostInFlight` are in flight; its place is still to be taken. */
  takeNext(mostInFlight: number): Leased | undefined {
    return this.#inFlight < mostInFlight ? this.#waiting.shift() : undefined;
  }

  takeAll(): Leased[] {
    return this.#waiting.splice(0);
  }

  /** Counts an attempt that ended at `now`, in ms of the monotonic clock. */
  recordThroughput(now: number): void {
    const second = Math.floor(now / 1000);
    const last = this.#throughput;
    if (second === last.second) this.#throughput = { ...last, ended: last.ended + 1 };
    else this.#throughput = { second, ended: 1, before: second === last.second + 1 ? last.ended : 0 };
  }

  /**
   * How many deliveries a server may lease for a recipient that takes `mostInFlight` at once: as many as went out within a second
   * lately. So a fast recipient never waits for the database, and little is leased for one that stops answering, and soon given back.
   */
  leaseLimit(mostInFlight: number, now: number): number {
    const { second, ended, before } = this.#throughput;
    const age = Math.floor(now / 1000) - second;
    const lately = age === 0 ? Math.max(ended, before) : age === 1 ? ended : 0;
    return Math.max(mostInFlight, Math.min(lately, MOST_LEASED));
  }

  /** How many more deliveries may be leased; below zero when there are more than the limit has become. */
  spare(mostInFlight: number, now: number): number {
    return this.leaseLimit(mostInFlight, now) - this.size;
  }
}
