import { expect, test } from "bun:test";
import { openRejects } from "#cli/import/rejects.ts";

test("rejected rows that find no room on the disk, or no folder, end the import with a sentence that names the file and the cause", () => {
  // Linux's device on which there is never room.
  expect(openRejects("/dev/full", "leads.csv", ["phone"])).rejects.toThrow(
    "/dev/full cannot be written (ENOSPC).",
  );
  const nowhere = "/dev/null/rejects.csv";
  expect(openRejects(nowhere, "leads.csv", ["phone"])).rejects.toThrow(
    `${nowhere} cannot be written (ENOTDIR).`,
  );
});

test("rejected rows are never written over the file that they come from", () => {
  expect(openRejects("./leads.csv", "leads.csv", ["phone"])).rejects.toThrow("names the one that is read");
});
