import { expect, test } from "bun:test";
import { fitsSecrets, makeFirstSecrets, rotateSecret } from "#delivery/recipients/signing-secret-records.ts";
import { onBothDatabases } from "../../support/database.ts";

const now = new Date("2026-03-04T12:00:00Z");
const key = new Uint8Array(32).fill(5);
const otherKey = new Uint8Array(32).fill(6);

onBothDatabases("a master key", (world) => {
  const fits = (tried: Uint8Array) => world.database.read((db) => fitsSecrets(db, tried, now.toISOString()));

  test("fits a database without signing secrets, and one in which a secret opens under it", async () => {
    expect(await fits(otherKey)).toBe(true);
    await makeFirstSecrets(world.database, ["buyer:one", "webhook:two"], key, now);
    expect(await fits(key)).toBe(true);
    expect(await fits(otherKey)).toBe(false);
    // As when the first key is lost, and recipients get new secrets one by one.
    await world.database.write((tx) => rotateSecret(tx, "buyer:one", otherKey, now, 0));
    expect(await fits(otherKey)).toBe(true);
  });
});
