import { useState } from "react";

/** Asks the server at the press of a button: whether that is under way, and what went wrong. `failed` takes back what came of it before. */
export function useAsking(failed: () => void = () => undefined) {
  const [error, setError] = useState<unknown>();
  const [isAsking, setAsking] = useState(false);

  async function ask(work: () => Promise<void>): Promise<void> {
    setAsking(true);
    setError(undefined);
    try {
      await work();
    } catch (problem) {
      setError(problem);
      failed();
    }
    setAsking(false);
  }

  return { ask, error, isAsking };
}
