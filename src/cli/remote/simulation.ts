import { type CommandContext, CommandFailure } from "#cli/command/command.ts";
import type { TypedFile } from "#cli/command/file-body.ts";
import { startProgress } from "#cli/command/progress.ts";
import { callServer, dataIn } from "#cli/command/remote.ts";
import { progressText } from "#cli/records/simulation-text.ts";
import type { Mapping } from "#text/problem.ts";

/** How long to wait between looking how far it is, in ms. */
const LOOK_AGAIN_MS = 500;

/** Tries a document on past leads and waits until that is done, or until Ctrl-C, which stops it. Answers what came of it. */
export async function simulateDocument(
  { file, text }: TypedFile,
  asked: { since: string; until?: string | undefined; campaigns?: readonly string[] | undefined },
  context: CommandContext,
): Promise<Mapping> {
  const response = await callServer(context, {
    method: "POST",
    path: "/simulations",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ document: text, ...asked }),
    file,
  });
  const ended = await waitForEnd(await dataIn(response), context);
  if (ended.state === "done") return ended;
  throw new CommandFailure(
    typeof ended.failure === "string" ? ended.failure : `${String(ended.id)} was stopped.`,
  );
}

async function waitForEnd(begun: Mapping, context: CommandContext): Promise<Mapping> {
  const progress = startProgress("simulating:", context.writeError);
  const interrupted = context.interruption();
  let simulation = begun;
  while (simulation.state === "waiting" || simulation.state === "running") {
    progress.say(progressText(simulation));
    await Bun.sleep(LOOK_AGAIN_MS);
    const path = `/simulations/${String(begun.id)}`;
    const call = interrupted.aborted
      ? ({ method: "POST", path: `${path}/stop` } as const)
      : ({ method: "GET", path } as const);
    simulation = await dataIn(await callServer(context, call));
  }
  progress.end();
  return simulation;
}
