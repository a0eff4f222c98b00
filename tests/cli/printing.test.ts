import { expect, test } from "bun:test";
import { join } from "node:path";

const MAIN = join(import.meta.dir, "../../src/main.ts");

/** A device that is always full. */
const FULL = "/dev/full";

test("what cannot be printed, as on a full disk, is said in a sentence with exit code 1, and no reader any more is no fault", async () => {
  const onFullDisk = Bun.spawn([process.execPath, MAIN, "licenses"], {
    stdout: Bun.file(FULL),
    stderr: "pipe",
    stdin: "ignore",
  });
  expect(await new Response(onFullDisk.stderr).text()).toMatch(
    /^What is printed cannot be written: ENOSPC[^\n]*\n$/,
  );
  expect(await onFullDisk.exited).toBe(1);
  const unread = Bun.spawn(["sh", "-c", `"$0" "$1" licenses | head -c 1`, process.execPath, MAIN], {
    stdout: "pipe",
    stderr: "pipe",
    stdin: "ignore",
  });
  expect(await new Response(unread.stdout).text()).toHaveLength(1);
  expect(await new Response(unread.stderr).text()).toBe("");
});
