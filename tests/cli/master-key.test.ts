import { expect, test } from "bun:test";
import { mkdtemp, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { forgetMasterKey, readMasterKey } from "#access/master-key-records.ts";
import { fittingSecrets } from "#cli/serving/master-key.ts";
import { onBothDatabases } from "../support/database.ts";

const now = new Date("2026-03-04T12:00:00Z");
const [ONE, OTHER] = ["one-secret-of-thirty-two-characters", "another-secret-of-thirty-two-characters"];

onBothDatabases("the master key", (world) => {
  /** The secret that a server starts with on a machine of its own, or how what it says begins. */
  async function start(secret?: string, isOtherSecretAllowed = false): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), "leadgate-key-"));
    const settings = { dataDir: folder, secret, adminKey: undefined };
    const found = await fittingSecrets(settings, { database: world.database, now, isOtherSecretAllowed });
    if (typeof found !== "string") return found.secret;
    // None is made that the next start would take for the right one.
    if (found.includes("None was made")) expect(await readdir(folder)).toEqual([]);
    return found.split(":")[0] ?? "";
  }
  const forget = () => world.database.write(forgetMasterKey);

  test("of the first server is that of all, though nothing is stored yet that it is needed for", async () => {
    await forget();
    expect(await start(ONE)).toBe(ONE);
    expect(await start(ONE)).toBe(ONE);
    expect(await start(OTHER)).toStartWith("The master key is not the one that the database was begun with");
    expect(await start()).toStartWith("The master key that the database was begun with was not found");
    expect(await start(ONE)).toBe(ONE);
  });

  test("of two servers that start at once, each with one that it has made, is one", async () => {
    await forget();
    const made = await Promise.all([start(), start(), start()]);
    const begun = made.filter((each) => !each.startsWith("The master key"));
    expect(begun).toHaveLength(1);
    expect(await start(begun[0])).toBe(begun[0] ?? "");
  });

  test("is another one when an operator says so, from then on", async () => {
    await forget();
    await start(ONE);
    expect(await start(OTHER, true)).toBe(OTHER);
    expect(await start(OTHER)).toBe(OTHER);
    expect(await start(ONE)).toStartWith("The master key is not the one");
    const noted = await world.database.read(readMasterKey);
    expect([noted?.includes(OTHER), noted?.length]).toEqual([false, 16]);
    await forget();
  });
});
