const isQuick = process.env["TEST_QUICK"] === "yes";

/** How often a property is tried: as often as it says, and in `npm run test:quick` a twentieth of that. */
export function runs(count: number): number {
  return isQuick ? Math.ceil(count / 20) : count;
}

/** What at least so many of these tries have to meet; where they are few, that is left to chance. */
export function least(count: number): number {
  return isQuick ? -1 : count;
}
