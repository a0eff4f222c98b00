import { expect } from "bun:test";
import type { DatabaseSettings } from "#database/engine/connect.ts";

/**
 * Begins to upgrade a database in a process of its own, which is killed in the middle of the step after which so many would follow: of the
 * newest, of one in between, or of the oldest that it wants.
 */
export async function killInTheMiddle(
  { dataDir, databaseUrl }: DatabaseSettings,
  stepsLeft: number,
): Promise<void> {
  const place = databaseUrl === undefined ? [dataDir] : [dataDir, databaseUrl];
  const script = `${import.meta.dir}/upgrading.ts`;
  const upgrading = Bun.spawn([process.execPath, script, String(stepsLeft), ...place], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const { value } = await upgrading.stdout.getReader().read();
  expect(new TextDecoder().decode(value)).toContain("in the middle");
  upgrading.kill("SIGKILL");
  await upgrading.exited;
}
