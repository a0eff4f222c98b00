import { expect, test } from "bun:test";
import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openRejects } from "#cli/import/rejects.ts";

test("rejected rows that find no room on the disk, or no folder, end the import with a sentence that names the file and the cause", async () => {
  // Linux's device on which there is never room.
  expect(await refusalOf("/dev/full", "leads.csv")).toContain("/dev/full cannot be written (ENOSPC).");
  const nowhere = "/dev/null/rejects.csv";
  expect(await refusalOf(nowhere, "leads.csv")).toContain(`${nowhere} cannot be written (ENOTDIR).`);
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
      expect(await refusalOf(path, read)).toContain("names the one that is read");
    }
    expect(await readFile(source, "utf8")).toBe("phone\n5551234567\n");
  } finally {
    await rm(folder, { recursive: true });
  }
});

function refusalOf(path: string, read: string): Promise<unknown> {
  return openRejects(path, read, ["phone"]).catch((error: Error) => error.message);
}
