import { randomFrom } from "../support/random.ts";

/** How often each fault happens; FAULT_ROUNDS sets it for a longer soak. */
export const ROUNDS = Number(process.env["FAULT_ROUNDS"] ?? 3);

/** FAULT_SEED makes a run happen again as it did, as far as the machine lets it. */
const seed = Number(process.env["FAULT_SEED"] ?? Date.now() % 1_000_000);
console.log(`FAULT_SEED=${seed}`);

const random = randomFrom(seed);

/** A whole number from `least` to `most`. */
export function chance(least: number, most: number): number {
  return least + Math.floor(random() * (most - least + 1));
}

/** Lets some of the milliseconds pass that a batch takes: what comes next then strikes it at any of its steps. */
export async function someMoment(): Promise<void> {
  await Bun.sleep(chance(0, 30));
}
