import { expect, test } from "bun:test";
import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openRejects } from "#cli/import/rejects.ts";

test("rejected rows that find no room on the disk, or no folder, end the import with a sentence that names the file and the cause", async () => {
  // Linux's device on which there is never room.
  await expect(openRejects("/dev/full", "leads.csv", ["phone"])).rejects.toThrow(
    "/dev/full cannot be written (ENOSPC).",
  );
  const nowhere = "/dev/null/rejects.csv";
  await expect(openRejects(nowhere, "leads.csv", ["phone"])).rejects.toThrow(
    `${nowhere} cannot be written (ENOTDIR).`,
  );
});

test("rejected rows are never written over the file that they come from, by whatever name or link", async () => {
  const folder = await mkdtemp(join(tmpdir(), "leadgate-rejects-"));
  try {
    const source = join(folder, "leads.csv");
    const link = join(folder, "newest.csv");
    await writeFile(source, "phone\n5551234567\n");
    await symlink(source, link);
    for (const [path, read] of [
      [join(folder, ".", "leads.csv"), source],
      [link, source],
      [source, link],
    ] as const) {
      const refused = await openRejects(path, read, ["phone"]).catch((error: Error) => error.message);
      expect(refused).toContain("names the one that is read");
    }
    expect(await readFile(source, "utf8")).toBe("phone\n5551234567\n");
  } finally {
    await rm(folder, { recursive: true });
  }
});
