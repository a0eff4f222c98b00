import { command } from "#cli/command/command.ts";

/** Longest wait for the server's answer, in ms; the server itself gives up on its database before. */
const PATIENCE_MS = 6_000;

/** Asks the running server whether it is ready. */
export const healthcheck = command({
  name: "healthcheck",
  purpose: "exit with 0 when the server is ready",
  example: "leadgate healthcheck && echo ready",
  options: {},
  forms: {
    async ""(_, context) {
      const { serverUrl } = context.settings();
      try {
        const reply = await fetch(`${serverUrl}/readyz`, { signal: AbortSignal.timeout(PATIENCE_MS) });
        if (reply.ok) return 0;
        context.writeError(`The server at ${serverUrl} is not ready.\n`);
      } catch {
        context.writeError(`No server answers at ${serverUrl}.\n`);
      }
      return 1;
    },
  },
});
