import { expect, test } from "bun:test";
import { goThrough } from "#time/go-through.ts";

interface Course {
  fails?: (item: number) => boolean;
  stopsAt?: number;
}

/** Goes through so many numbers, of which some cannot be dealt with. */
async function through(count: number, { fails = () => false, stopsAt = count + 1 }: Course = {}) {
  const [dealt, failed, reads]: [number[], number[], number[]] = [[], [], []];
  await goThrough<number>({
    read: async (after = -1, limit) => {
      reads.push(after);
      const from = after + 1;
      return Array.from({ length: Math.min(limit, count - from) }, (_, index) => from + index);
    },
    async deal(item) {
      if (fails(item)) throw new Error("no");
      dealt.push(item);
    },
    failed: (item) => failed.push(item),
    isStopped: () => dealt.length >= stopsAt,
  });
  return { dealt, failed, reads };
}

test("all that is due is dealt with in one look, however many pages that is", async () => {
  const { dealt, reads } = await through(1_200);
  expect(dealt).toEqual(Array.from({ length: 1_200 }, (_, index) => index));
  expect(reads).toEqual([-1, 499, 999]);
  expect((await through(500)).reads).toEqual([-1, 499]);
  expect((await through(0)).dealt).toEqual([]);
});

test("a whole page that cannot be dealt with is told of, one by one, and holds up nothing behind it", async () => {
  const { dealt, failed } = await through(502, { fails: (item) => item < 500 });
  expect(dealt).toEqual([500, 501]);
  expect(failed).toHaveLength(500);
});

test("what is stopped deals with nothing more, and tells of no failure that came of it", async () => {
  expect((await through(1_200, { stopsAt: 3 })).dealt).toHaveLength(3);
});
