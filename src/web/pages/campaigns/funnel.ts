interface Count {
  status?: string;
  reason?: string | null;
  leads: number;
}

/** One way in which leads end, between those that came in and those that were sold. */
export interface Step {
  /** Undefined: all that came in. */
  status: string | undefined;
  reason: string | undefined;
  leads: number;
  /** How many are left behind this one. */
  after: number;
}

/** In the order in which a lead meets them. */
const ORDER = ["REJECTED", "DUPLICATE", "HELD", "PENDING", "UNMATCHED", "RETURNED"];

/** Where leads end: all, then one way after the other that loses some, and what was sold in the end. */
export function stepsOf(counts: readonly Count[]): Step[] {
  const all = countOf(counts);
  const lost = Map.groupBy(
    counts.filter(({ status }) => status !== "ACCEPTED"),
    ({ status, reason }) => JSON.stringify([status, reason ?? null]),
  );
  const ways = [...lost].map(([name, own]) => {
    const [status, reason] = JSON.parse(name) as [string, string | null];
    return { status, reason: reason ?? undefined, leads: countOf(own) };
  });
  ways.sort(
    (one, other) => ORDER.indexOf(one.status) - ORDER.indexOf(other.status) || other.leads - one.leads,
  );
  let after = all;
  const steps = ways.map((way): Step => {
    after -= way.leads;
    return { ...way, after };
  });
  return [
    { status: undefined, reason: undefined, leads: all, after: 0 },
    ...steps,
    { status: "ACCEPTED", reason: undefined, leads: after, after: 0 },
  ];
}

function countOf(counts: readonly Count[]): number {
  return counts.reduce((sum, { leads }) => sum + leads, 0);
}
