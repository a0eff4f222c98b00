import { expect, test } from "bun:test";
import { aPersonsLead, givenAway, spellingsOfOnePhone } from "../support/people.ts";

// All fault tests search logs and answers for their people. That is worth something only if they would be found.
test("a name, an e-mail address and every spelling of a phone are found in a log line", () => {
  const { first_name, last_name, email, phone } = aPersonsLead().body;
  for (const value of [first_name, last_name, email, phone, ...spellingsOfOnePhone()]) {
    expect(givenAway(JSON.stringify({ message: `about ${value}` }))).toHaveLength(1);
  }
});

test("ids and times of a log line are not taken for a phone", () => {
  const line = {
    time: "2026-01-13T17:00:00.512Z",
    lead_id: "lead_01k5122001234pex5vsknk084s",
    request_id: "01995122-2000-7512-8200-5122001234ab",
    pid: 5122,
  };
  expect(givenAway(JSON.stringify(line))).toEqual([]);
});
