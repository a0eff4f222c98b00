import type { FromCopy, ToCopy } from "#runtime/copies/siblings.ts";
import { type Copy, openSupervisor } from "#runtime/copies/supervisor.ts";
import { commandOf } from "#runtime/process-memory.ts";
import { environmentOfCopy, type Settings } from "#runtime/settings.ts";
import type { Log } from "#telemetry/log.ts";
import type { Clock } from "#time/clock.ts";

/**
 * Runs several copies of the server on one port until a signal comes; each is this program with the number of its copy. Resolves with
 * the exit code, or undefined when the port is taken.
 */
export async function superviseCopies(
  settings: Settings,
  clock: Clock,
  log: Log,
): Promise<number | undefined> {
  const { count } = settings.processes;
  const port = freePort(settings.host, settings.port);
  if (port === undefined) return undefined;
  const supervisor = openSupervisor({
    copies: count,
    start: (copy, hear) => startCopy(environmentOfCopy({ copy, count, port }), hear),
    clock,
    log,
  });
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      log.info("stopping", { signal });
      supervisor.stop();
    });
  }
  log.info("supervising", { count, port, pid: process.pid });
  return await supervisor.run();
}

/** The port, or one that the system chooses for 0; undefined when somebody listens there. The copies share it with nobody else. */
function freePort(hostname: string, wanted: number): number | undefined {
  try {
    const listener = Bun.listen({ hostname, port: wanted, socket: { data: () => undefined } });
    const { port } = listener;
    listener.stop(true);
    return port;
  } catch (error) {
    if ((error as { code?: unknown }).code === "EADDRINUSE") return undefined;
    throw error;
  }
}

function startCopy(env: Record<string, string | undefined>, hear: (message: FromCopy) => void): Copy {
  const child = Bun.spawn([...commandOf(process)], {
    env,
    stdio: ["ignore", "inherit", "inherit"],
    ipc: (message) => hear(message as FromCopy),
    serialization: "json",
  });
  return {
    send(message: ToCopy) {
      try {
        child.send(message);
      } catch (error) {
        // One that has died or is ending hears nothing any more.
        if ((error as { code?: unknown }).code !== "ERR_IPC_CHANNEL_CLOSED") throw error;
      }
    },
    end: (how) => child.kill(how === "gracefully" ? "SIGTERM" : "SIGKILL"),
    exited: child.exited,
  };
}
