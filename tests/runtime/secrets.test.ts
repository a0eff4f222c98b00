import { beforeEach, describe, expect, test } from "bun:test";
import { mkdtemp, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadOrCreateSecrets } from "#runtime/secrets.ts";
import { SettingsError } from "#runtime/settings.ts";

let dataDir: string;
beforeEach(async () => {
  dataDir = join(await mkdtemp(join(tmpdir(), "leadgate-")), "data");
});

describe("secrets", () => {
  test("are made on the first start and the same on the second", async () => {
    const first = await loadOrCreateSecrets({ dataDir });
    expect(first).toMatchObject({ adminKeyCreated: true });
    expect(Buffer.byteLength(first.secret)).toBeGreaterThanOrEqual(32);
    expect(first.adminKey).toMatch(/^lg_admin_[0-9a-f]{48}$/);
    expect(await loadOrCreateSecrets({ dataDir })).toEqual({
      ...first,
      adminKeyCreated: false,
    });
  });

  test("are readable by their owner alone, and leave no draft behind", async () => {
    await loadOrCreateSecrets({ dataDir });
    expect((await readdir(dataDir)).toSorted()).toEqual(["operator-key", "secret"]);
    for (const file of ["operator-key", "secret"])
      expect((await stat(join(dataDir, file))).mode & 0o777).toBe(0o600);
    expect((await stat(dataDir)).mode & 0o777).toBe(0o700);
  });

  test("are another pair for another server", async () => {
    const one = await loadOrCreateSecrets({ dataDir });
    const other = await loadOrCreateSecrets({ dataDir: `${dataDir}-2` });
    expect(one.secret).not.toBe(other.secret);
    expect(one.adminKey).not.toBe(other.adminKey);
  });

  test("are what the settings say, and then nothing is written", async () => {
    const given = { dataDir, secret: "x".repeat(32), adminKey: "y".repeat(24) };
    expect(await loadOrCreateSecrets(given)).toEqual({
      secret: given.secret,
      adminKey: given.adminKey,
      adminKeyCreated: false,
    });
    expect(stat(dataDir)).rejects.toThrow("ENOENT");
  });

  test("are the same for all that start at once, and made by exactly one", async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => loadOrCreateSecrets({ dataDir })));
    expect(new Set(all.map(({ secret }) => secret)).size).toBe(1);
    expect(new Set(all.map(({ adminKey }) => adminKey)).size).toBe(1);
    expect(all.filter(({ adminKeyCreated }) => adminKeyCreated)).toHaveLength(1);
    expect((await readdir(dataDir)).toSorted()).toEqual(["operator-key", "secret"]);
  });

  test("are not replaced when the file is damaged", async () => {
    await loadOrCreateSecrets({ dataDir });
    await writeFile(join(dataDir, "secret"), "");
    expect(loadOrCreateSecrets({ dataDir })).rejects.toThrow(
      /must hold at least 32 bytes\. Put it back from a backup/,
    );
    expect(await readFile(join(dataDir, "secret"), "utf8")).toBe("");
  });

  test("are refused with a sentence where the folder cannot be made", async () => {
    const file = `${dataDir}-file`;
    await writeFile(file, "");
    const refused = loadOrCreateSecrets({ dataDir: file });
    expect(refused).rejects.toThrow(SettingsError);
    expect(refused).rejects.toThrow(/cannot be read or made \(ENOTDIR\)/);
  });
});
