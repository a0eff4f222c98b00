/** How long no request may have begun until the connections that callers keep count as idle, in ms. */
const IDLE_MS = 500;
/** How long a server that stops answers requests that keep coming, in ms. */
const LONGEST_MS = 5_000;

/**
 * Resolves when no request has begun for a while. A server that stops tells each caller to close its connection, and a connection
 * can only be told with an answer: one that is closed while its next request arrives would lose that request.
 */
export async function untilNoRequestBegins(begun: () => number): Promise<void> {
  for (let waited = 0; waited < LONGEST_MS; waited += IDLE_MS) {
    const before = begun();
    await Bun.sleep(IDLE_MS);
    if (begun() === before) return;
  }
}
