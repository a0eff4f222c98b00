import { expect, test } from "bun:test";
import { capsOf, typedCapsOf } from "#web/portal/parts/typed-caps.ts";

const CAPS = { day: { leads: 50 }, month: { leads: 1000, amount: "2500.00" } };

test("caps that a buyer leaves as they were are the same again", () => {
  const typed = typedCapsOf(CAPS);
  expect(typed.month).toEqual({ leads: "1000", amount: "2500.00" });
  expect(typed.hour).toEqual({ leads: "", amount: "" });
  expect(capsOf(typed)).toEqual(CAPS);
});

test("a cap that cannot be read is sent as it was typed, and not as none", () => {
  const typed = { ...typedCapsOf(CAPS), day: { leads: " 1,000 ", amount: "" } };
  const sent: unknown = JSON.parse(JSON.stringify(capsOf(typed)));
  expect(sent).toEqual({ ...CAPS, day: { leads: "1,000" } });
});
