import { randomBytes } from "node:crypto";
import { readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Clock } from "#time/clock.ts";
import { isGone } from "./link.ts";

/** Where a server listens for those of its machine: short, as the system takes no long path for it. */
export function newLocalSocket(): string {
  return join(tmpdir(), `leadgate-${randomBytes(9).toString("base64url")}.sock`);
}

const LOCAL_SOCKET = /^leadgate-[\w-]{12}\.sock$/;

/** Another server may have made its own, and not listen yet, for less than this, in ms. */
const MADE_LATELY_MS = 60_000;

/** Removes, beside the socket of a server, those of servers that were killed: nothing else does before the machine starts again. */
export async function removeDeserted(own: string, clock: Pick<Clock, "after">): Promise<void> {
  const folder = dirname(own);
  const ownMade = await madeAt(own);
  if (ownMade === undefined) return;
  for (const name of await readdir(folder).catch(() => [])) {
    const path = join(folder, name);
    const made = LOCAL_SOCKET.test(name) ? await madeAt(path) : undefined;
    const isOld = made !== undefined && made < ownMade - MADE_LATELY_MS;
    // It may be another user's.
    if (isOld && (await isGone({ path }, clock))) await rm(path, { force: true }).catch(() => undefined);
  }
}

/** In ms since 1970; undefined: it is not there any more. */
async function madeAt(path: string): Promise<number | undefined> {
  return await stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => undefined,
  );
}
