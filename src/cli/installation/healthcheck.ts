import { command } from "#cli/command/command.ts";

/** Longest wait for the server's answer, in ms; the server itself gives up on its database before. */
const PATIENCE_MS = 6_000;

/** Asks the running server whether it is ready. */
export const healthcheck = command({
  name: "healthcheck",
  purpose: "exit with 0 when the server is ready",
  example: "leadgate healthcheck && echo ready",
  options: { "--json": "as JSON" },
  forms: {
    async ""({ json }, context) {
      const { serverUrl } = context.settings();
      const flaw = await flawOf(serverUrl);
      const data = { ready: flaw === undefined, url: serverUrl };
      if (json) context.write(`${JSON.stringify({ data })}\n`);
      if (flaw !== undefined) context.writeError(`${flaw}\n`);
      return flaw === undefined ? 0 : 1;
    },
  },
});

/** Why it is not ready; undefined: it is. */
async function flawOf(url: string): Promise<string | undefined> {
  try {
    const { ok } = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(PATIENCE_MS) });
    return ok ? undefined : `The server at ${url} is not ready.`;
  } catch {
    return `No server answers at ${url}.`;
  }
}
