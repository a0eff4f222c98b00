/** Something that goes on beside the requests, from its start until it is told to stop. */
export interface Running {
  start(): void;
  /** Takes on nothing new from now on, and resolves when what it had begun has ended and is on record. */
  stop(): Promise<void>;
}
