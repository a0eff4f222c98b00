/** Time, handed down from the program's start so that a test can move it. */
export interface Clock {
  now(): Date;
  /** Milliseconds since some fixed moment; never runs backwards, whatever is done to the system's clock. */
  elapsedMs(): number;
}
