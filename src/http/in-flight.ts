/** What is being done, by for whom. */
export interface InFlight {
  /** Counts one until the function that it answers with is called; undefined when there are as many as may be. */
  enter(name: string): (() => void) | undefined;
}

/** At most `most` of a name at once. */
export function countInFlight(most: number): InFlight {
  const counts = new Map<string, number>();
  return {
    enter(name) {
      const count = counts.get(name) ?? 0;
      if (count >= most) return undefined;
      counts.set(name, count + 1);
      return () => {
        const now = counts.get(name) ?? 0;
        if (now > 1) counts.set(name, now - 1);
        else counts.delete(name);
      };
    },
  };
}

/** Requests that are being answered, by the network that each came from. */
export interface RequestsInFlight {
  enter(network: string | undefined): (() => void) | undefined;
}

/**
 * At most `most` at once from one network; 0: any number. Whoever calls from this machine is not counted: that may be a proxy which
 * nobody named, behind which all are.
 */
export function countRequests(most: number): RequestsInFlight {
  const counted = countInFlight(most);
  const isCounted = (network: string | undefined) =>
    most > 0 && network !== undefined && !network.startsWith("127.") && network !== "::";
  return { enter: (network = "127.") => (isCounted(network) ? counted.enter(network) : () => undefined) };
}
