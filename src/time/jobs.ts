/**
 * What is done by the clock for the whole installation: by one of its servers, and by another one when that is gone. It is a matter of
 * work saved, not of safety: for some moments two may do it, or none, and each job takes care of that by itself.
 */
export interface Jobs {
  /** Whether they are this server's now. */
  areOurs(): boolean;
  /** Has `begin` called each time that they become this server's. */
  onceOurs(begin: () => void): void;
}

/** Of a server that has no others. */
export const JOBS_OF_ONE: Jobs = { areOurs: () => true, onceOurs: () => undefined };
