import { expect, test } from "bun:test";
import { testFiles } from "./selection.ts";
import { allButLeftOut, LEFT_OUT } from "./support/left-out-on-citus.ts";

test("each title that is left out on Citus is one of a test, written the same", async () => {
  const texts = await Promise.all((await testFiles()).map((file) => Bun.file(file).text()));
  const templates = texts.flatMap((text) =>
    [...text.matchAll(/"([^"\n]*%s[^"\n]*)"/g)].map(([, title = ""]) => title),
  );
  const isMade = (title: string) =>
    templates.some((each) => new RegExp(`^${each.split("%s").map(RegExp.escape).join(".+")}$`).test(title));
  const titles = LEFT_OUT.flatMap((each) => each.titles);
  const unknown = titles.filter(
    (title) => !isMade(title) && !texts.some((text) => text.includes(`"${title}`)),
  );
  expect(unknown).toEqual([]);
});

test("what is left out on Citus is so there alone", () => {
  const isRun = (name: string) => new RegExp(allButLeftOut()).test(name);
  const [title = ""] = LEFT_OUT.flatMap((each) => each.titles);
  expect([
    isRun(`caps (citus) ${title}`),
    isRun(`caps (postgres) ${title}`),
    isRun("caps (citus) others"),
  ]).toEqual([false, true, true]);
});
