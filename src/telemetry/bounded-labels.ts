/** The label of whatever comes too late to have one of its own. */
const OTHER = "other";

/** A name, or `other`. */
export type Bounded = (name: string) => string;

/**
 * Bounds a label: names as they come, and `other` for all that come after the first `most`. Names are of the configuration, which bounds
 * them already, but each is a series that a monitoring system keeps for months.
 */
export function namesUpTo(most: number): Bounded {
  const known = new Set<string>();
  return (name) => {
    if (known.has(name)) return name;
    if (known.size >= most) return OTHER;
    known.add(name);
    return name;
  };
}
