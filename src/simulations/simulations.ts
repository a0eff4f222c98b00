import { type Database, DatabaseUnavailable } from "#database/database.ts";
import type { Log } from "#telemetry/log.ts";
import { newUuid, simulationIdOf } from "#text/ids.ts";
import type { Clock } from "#time/clock.ts";
import type { Jobs } from "#time/jobs.ts";
import { type Looking, lookEvery } from "#time/look-every.ts";
import { OF_THE_THREAD, startPace } from "./pace.ts";
import { runSimulation, type SimulationResult } from "./run.ts";
import {
  type ClaimedSimulation,
  claimSimulation,
  endSimulation,
  insertSimulatedLeads,
  releaseSimulation,
  type SimulationHold,
  tellProgress,
} from "./simulation-records.ts";

export interface SimulationParts {
  database: Database;
  /** Keys the hashes that people are compared by. */
  pepper: Uint8Array;
  clock: Clock;
  log: Log;
  jobs: Jobs;
  /** How many requests have begun since this server started. */
  requestsBegun(): number;
}

/** A server that was not heard of for so long is dead, in ms: another one begins its simulation anew. */
const HOLD_MS = 30_000;
/** How often a server looks for simulations that others left behind, in ms; who takes one in begins it itself. */
const LOOK_EVERY_MS = HOLD_MS;
/** How often it is written down how far one is, in ms. */
const TELL_EVERY_MS = 500;

/** It was stopped, or another server has it now. */
class SimulationLost extends Error {
  override readonly name = "SimulationLost";
}

/** Makes simulations in the background, one at a time whatever servers there are. `wake`: one was asked for. */
export function openSimulations(parts: SimulationParts): Looking {
  const { clock, log, jobs } = parts;
  return lookEvery({
    clock,
    who: jobs,
    everyMs: LOOK_EVERY_MS,
    async look(isStopped) {
      while (!isStopped() && (await simulateNext(parts, isStopped))) continue;
    },
    failed: (error) => log.warn("simulations cannot be looked for", { error }),
  });
}

/** Makes the next one, to its end; false when there is none to be made. */
async function simulateNext(parts: SimulationParts, isStopped: () => boolean): Promise<boolean> {
  const { database, clock, log } = parts;
  const lease = newUuid();
  const claimed = await database.write((tx) =>
    claimSimulation(tx, { lease, until: heldUntil(clock), now: clock.now().toISOString() }),
  );
  if (claimed === undefined) return false;
  const hold = () => ({ id: claimed.id, lease, until: heldUntil(clock) });
  try {
    const result = await simulateClaimed(claimed, hold, parts, isStopped);
    await database.write((tx) => endSimulation(tx, hold(), { result }, clock.now()));
  } catch (error) {
    if (isStopped()) await database.write((tx) => releaseSimulation(tx, hold()));
    else if (!(error instanceof SimulationLost)) {
      // A database that went away is no fault of ours; who asked is told to ask again.
      const level = error instanceof DatabaseUnavailable ? "warn" : "error";
      log[level]("a simulation failed", { simulation_id: simulationIdOf(claimed.id), error });
      await database.write((tx) => endSimulation(tx, hold(), { failure: FAILED }, clock.now()));
    }
  }
  return true;
}

const FAILED = "It broke off by a fault that the server's log tells of; ask for it again.";

function heldUntil(clock: Clock): string {
  return new Date(clock.now().getTime() + HOLD_MS).toISOString();
}

async function simulateClaimed(
  { id, order }: ClaimedSimulation,
  hold: () => SimulationHold,
  { database, pepper, clock, requestsBegun }: SimulationParts,
  isStopped: () => boolean,
): Promise<SimulationResult> {
  let told = Number.NEGATIVE_INFINITY;
  return await runSimulation(order, {
    database,
    pepper,
    pace: startPace({ ...OF_THE_THREAD, requestsBegun }),
    now: clock.now().getTime(),
    async progress(leads, of) {
      if (isStopped()) throw new SimulationLost();
      if (performance.now() - told < TELL_EVERY_MS) return;
      told = performance.now();
      if (!(await database.write((tx) => tellProgress(tx, hold(), leads, of)))) throw new SimulationLost();
    },
    async keep(leads) {
      if (leads.length > 0) await database.write((tx) => insertSimulatedLeads(tx, { id }, leads));
    },
  });
}
