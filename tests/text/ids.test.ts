import { expect, test } from "bun:test";
import fc from "fast-check";
import { TypeID } from "typeid-js";
import { firstUuidAt, leadIdOf, newUuid, timeOfUuid, uuidOfLead } from "#text/ids.ts";

const now = Date.UTC(2026, 2, 4, 9, 30, 0, 123);

test("a UUIDv7 says when it was made", () => {
  expect(timeOfUuid(Bun.randomUUIDv7("hex", now))).toBe(now);
});

test("the first UUID of a moment is before all that were made in it and after all that were made before", () => {
  expect(firstUuidAt(now) < Bun.randomUUIDv7("hex", now)).toBe(true);
  expect(firstUuidAt(now) > Bun.randomUUIDv7("hex", now - 1)).toBe(true);
  expect(timeOfUuid(firstUuidAt(now))).toBe(now);
});

test("a moment before 1970 has the lowest UUID that there is", () => {
  expect(firstUuidAt(-1)).toBe("00000000-0000-0000-0000-000000000000");
});

test("a lead's id stands for its UUID and no other kind of id does", () => {
  const uuid = newUuid();
  expect(uuidOfLead(leadIdOf(uuid))).toBe(uuid);
  expect(uuidOfLead(leadIdOf(uuid).replace("lead_", "sale_"))).toBeUndefined();
  expect(uuidOfLead("lead_nonsense")).toBeUndefined();
});

test("an id is written as its standard's library writes it, whatever the UUID", () => {
  fc.assert(
    fc.property(fc.uuid(), (uuid) => expect(leadIdOf(uuid)).toBe(TypeID.fromUUID("lead", uuid).toString())),
  );
});
