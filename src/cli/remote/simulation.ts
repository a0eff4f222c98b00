import { type CommandContext, CommandFailure } from "#cli/command/command.ts";
import type { TypedFile } from "#cli/command/file-body.ts";
import { startProgress } from "#cli/command/progress.ts";
import { callServer, dataIn, ServerAway, ServerRefused } from "#cli/command/remote.ts";
import { progressText } from "#cli/records/simulation-text.ts";
import type { Mapping } from "#text/problem.ts";

/** How long to wait between looking how far it is, in ms. */
const LOOK_AGAIN_MS = 500;
/** A server that restarts makes it anew, and is waited for as long, in ms. */
const PATIENCE_MS = 300_000;

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
  let patientUntil = performance.now() + PATIENCE_MS;
  while (simulation.state === "waiting" || simulation.state === "running") {
    progress.say(progressText(simulation));
    await Bun.sleep(LOOK_AGAIN_MS);
    try {
      simulation = await lookAgain(String(begun.id), interrupted.aborted, context);
      patientUntil = performance.now() + PATIENCE_MS;
    } catch (error) {
      if (!(error instanceof ServerAway)) throw error;
      const isOver = interrupted.aborted || performance.now() > patientUntil;
      if (isOver) throw new CommandFailure(`${error.message}\n${goesOn(String(begun.id))}`);
      progress.say("waits for the server");
    }
  }
  progress.end();
  return simulation;
}

function goesOn(id: string): string {
  return `The simulation begins anew when the server is back: leadgate simulations show ${id}, or stop ${id}.`;
}

/** How far it is; or how it stands once it is stopped, if it has not ended by itself. */
async function lookAgain(id: string, isToStop: boolean, context: CommandContext): Promise<Mapping> {
  const path = `/simulations/${id}`;
  if (isToStop) {
    try {
      return await dataIn(await callServer(context, { method: "POST", path: `${path}/stop` }));
    } catch (error) {
      if (!(error instanceof ServerRefused) || error.status !== HAS_ENDED) throw error;
    }
  }
  return await dataIn(await callServer(context, { method: "GET", path }));
}

const HAS_ENDED = 409;
