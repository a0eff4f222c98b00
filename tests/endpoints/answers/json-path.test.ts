// Not quick: it counts the steps of paths that are made to take many.
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { query } from "jsonpath-rfc9535";
import { openAnswer } from "#endpoints/answers/answer-reader.ts";
import { compileJsonPath } from "#endpoints/answers/json-path.ts";

/** A document of which each look into a list or mapping is counted. */
function counted(value: unknown): { document: unknown; looks: () => number } {
  let looks = 0;
  const wrapped = new Map<object, unknown>();
  function wrap(part: unknown): unknown {
    if (typeof part !== "object" || part === null) return part;
    const known = wrapped.get(part);
    if (known !== undefined) return known;
    const proxy = new Proxy(part, {
      get(target, name) {
        looks += 1;
        return wrap(Reflect.get(target, name));
      },
      ownKeys(target) {
        looks += Reflect.ownKeys(target).length;
        return Reflect.ownKeys(target);
      },
      getOwnPropertyDescriptor(target, name) {
        const descriptor = Reflect.getOwnPropertyDescriptor(target, name);
        return descriptor && "value" in descriptor
          ? { ...descriptor, value: wrap(descriptor.value) }
          : descriptor;
      },
    });
    wrapped.set(part, proxy);
    return proxy;
  }
  return { document: wrap(value), looks: () => looks };
}

const deep = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
/** The shapes that cost most in 16 KiB: as many values as fit, flat, and as deep as is read. */
const WORST = [
  `[${Array(8_000).fill("0").join()}]`,
  `[${Array(80).fill(deep(99)).join()}]`,
  `[${Array(5_000).fill("{}").join()}]`,
  `{"a":${'{"a":'.repeat(98)}${`[${Array(7_000).fill("1").join()}]`}${"}".repeat(99)}`,
];

describe("a path into an answer", () => {
  test.each([
    ["$..*", 20],
    ["$..[?@]", 20],
    ["$..[?@.a==1]", 20],
    ["$..[?@.*.*.*.*.*.*.*.*]", 20],
    ["$..[?count(@.*)>1]", 20],
    ["$[?@..a]", 20],
    ["$..[?@.*||@.*||@.*||@.*||@.*||@.*||@.*]", 20],
    // No longer taken, but read by where an earlier version took it.
    ["$..[?@==@]", 160],
    ["$..[?@.a==@.a]", 160],
  ])("%s takes at most %i steps for each character of an answer, whatever that holds", (source, steps) => {
    const path = compileJsonPath(source);
    for (const text of WORST) {
      const { document, looks } = counted(JSON.parse(text));
      path(document);
      expect([text.slice(0, 20), looks() < steps * 16 * 1024]).toEqual([text.slice(0, 20), true]);
    }
  });

  test("that names one member or place after another finds what the library's own reading finds", () => {
    const keys = fc.constantFrom("a", "b", "length", "__proto__", "toString", "0");
    const step = fc.oneof(
      keys.map((key) => `[${JSON.stringify(key)}]`),
      fc.constantFrom("a", "b", "length", "toString").map((key) => `.${key}`),
      fc.integer({ min: -3, max: 3 }).map((place) => `[${place}]`),
    );
    const path = fc.array(step, { maxLength: 4 }).map((steps) => `$${steps.join("")}`);
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof({ depthSize: "small" }, fc.constantFrom(1, "text", null), tie("list"), tie("mapping")),
      list: fc.array(tie("tree"), { maxLength: 3 }),
      mapping: fc.dictionary(keys, tie("tree"), { maxKeys: 3 }),
    }));
    fc.assert(
      fc.property(path, tree, (source, value) => {
        const document = JSON.parse(JSON.stringify(value));
        expect(compileJsonPath(source)(document)).toEqual(query(document, source));
      }),
    );
  });

  test("an answer is read when it is nested 100 deep, and holds nothing when it is deeper", () => {
    const answer = (depth: number) => openAnswer({ status: 200, body: deep(depth), contentType: null });
    expect(answer(100).json()).toBeArray();
    expect(answer(101).json()).toBeNull();
    expect(answer(8_000).json()).toBeNull();
  });
});
