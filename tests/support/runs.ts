/** How often a property is tried: as often as it says, and in `npm run test:quick` a twentieth of that. */
export function runs(count: number): number {
  return process.env["TEST_QUICK"] === "yes" ? Math.ceil(count / 20) : count;
}
