import { describe, expect, test } from "bun:test";
import { problemsIn } from "#configuration/problems/document-problems.ts";
import { fullDocument } from "../document-examples.ts";

const facebook = {
  id: "facebook",
  type: "meta",
  dataset_id: "1234567890123456",
  events: { accepted: "Lead", returned: "Lead returned", "outcome:sold": "Purchase" },
  map: { lead_id: "roof_age" },
};

const problemsWith = (change: object) =>
  problemsIn({ ...fullDocument(), conversions: [{ ...facebook, ...change }] }).map(
    ({ path, message }) => `${path}: ${message}`,
  );

describe("what Meta is told of", () => {
  test("is accepted with a dataset, events, and fields of a campaign", () => {
    expect(problemsWith({})).toEqual([]);
    expect(problemsWith({ dataset_id: 1_234_567_890_123_456, campaigns: ["campaign_abc123"] })).toEqual([]);
  });

  test.each([
    ["type", { type: "google" }, "must be meta"],
    ["dataset_id", { dataset_id: "pixel" }, "must be the id of a dataset, once called pixel"],
    ["action_source", { action_source: "phone" }, "must be system_generated or website"],
    [
      "campaigns[0]",
      { campaigns: ["campaign_abc12"] },
      "must be the id of a campaign in this document; did you mean",
    ],
    ["events", { events: {} }, "must not be empty"],
    ["events", { events: ["accepted"] }, "must be a mapping"],
    [
      "events.acepted",
      { events: { acepted: "Lead" } },
      "is nothing that happens to a lead; did you mean accepted?",
    ],
    [
      "events.sold",
      { events: { sold: "Purchase" } },
      "must be one of accepted, refused, returned, or outcome:",
    ],
    ["events.outcome:", { events: { "outcome:": "Purchase" } }, "must name what a supplier reports"],
    ["events.outcome:1st", { events: { "outcome:1st": "Purchase" } }, "must name what a supplier reports"],
    ["events.accepted", { events: { accepted: "" } }, "must be the name of an event"],
    [
      "map.leadid",
      { map: { leadid: "roof_age" } },
      "is no parameter that a field can be given for; did you mean lead_id?",
    ],
    [
      "map.lead_id",
      { map: { lead_id: "roofage" } },
      "must be a field of a campaign that it is of; did you mean roof_age?",
    ],
    ["map.lead_id", { map: { lead_id: 7 } }, "must be the name of a field"],
    ["map", { map: "lead_id" }, "must be a mapping"],
    ["tokn", { tokn: "EAAB" }, "is not a known setting"],
  ])("is refused at %s when it is %j", (path, change, message) => {
    const [found, ...more] = problemsWith(change);
    expect(found).toStartWith(`conversions[facebook].${path}: ${message}`);
    expect(more).toEqual([]);
  });

  test("is refused with an outcome that is listed twice but for its case", () => {
    const events = { "outcome:sold": "Purchase", "outcome:Sold": "Sale" };
    expect(problemsWith({ events })).toEqual([
      "conversions[facebook].events.outcome:Sold: is listed twice: outcomes are compared without case",
    ]);
  });
});
