import type { Settings } from "#runtime/settings.ts";

/** Longest wait for the server's answer, in ms; the server itself gives up on its database before. */
const PATIENCE_MS = 6_000;

/** Asks the running server whether it is ready. Exit code 0: yes. */
export async function healthcheck(settings: Settings): Promise<number> {
  const url = `${settings.serverUrl}/readyz`;
  try {
    const reply = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (reply.ok) return 0;
    process.stderr.write(`The server at ${settings.serverUrl} is not ready.\n`);
  } catch {
    process.stderr.write(`No server answers at ${settings.serverUrl}.\n`);
  }
  return 1;
}
