/** Time, handed down from the program's start so that a test can move it. */
export interface Clock {
  now(): Date;
  /** Milliseconds since some fixed moment; never runs backwards, whatever is done to the system's clock. */
  elapsedMs(): number;
  /** Calls `run` when `ms` have passed, unless what it answers is called before. No process stays alive for it. */
  after(ms: number, run: () => void): () => void;
}
