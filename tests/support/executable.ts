import { mkdir, rename } from "node:fs/promises";
import { join, resolve } from "node:path";
import { buildExecutable } from "../../scripts/build.ts";

let built: Promise<string> | undefined;

/** The executable that TEST_EXECUTABLE names, or one that is built once for all files of a run; building takes a minute at most. */
export function builtExecutable(): Promise<string> {
  const given = process.env["TEST_EXECUTABLE"];
  built ??= given === undefined ? build() : Promise.resolve(resolve(given));
  return built;
}

/** Kept until the next run: no file of a run knows that it is the last one. */
async function build(): Promise<string> {
  const folder = join(import.meta.dir, "../../node_modules/.cache/leadgate");
  await mkdir(folder, { recursive: true });
  const mine = await buildExecutable(join(folder, `leadgate-${process.pid}`));
  const path = join(folder, "leadgate");
  await rename(mine, path);
  return path;
}
