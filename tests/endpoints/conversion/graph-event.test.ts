import { expect, test } from "bun:test";
import { graphEvent, timeOfEvent } from "#endpoints/conversion/graph-event.ts";

const AT = Date.parse("2026-01-13T17:00:00.750Z");

const happening = {
  leadId: "lead_1",
  country: "US",
  fields: { email: "ada@example.com", page: "https://solar.example/form" },
  eventId: "lead_1",
  name: "Lead",
  at: AT,
  value: "40.50",
  currency: "USD",
};

test("an event says what happened, when in whole seconds, of whom, and what it is worth", () => {
  const event = JSON.parse(graphEvent(happening, { actionSource: "system_generated", map: {} }));
  expect(event).toEqual({
    event_name: "Lead",
    event_time: 1_768_323_600,
    event_id: "lead_1",
    action_source: "system_generated",
    user_data: { em: [expect.any(String)], country: [expect.any(String)], external_id: [expect.any(String)] },
    custom_data: { event_source: "crm", lead_event_source: "Leadgate", value: 40.5, currency: "USD" },
  });
});

test("an event of a website names the page by the field that tells it", () => {
  const map = { event_source_url: "page" } as const;
  const event = JSON.parse(graphEvent(happening, { actionSource: "website", map }));
  expect(event).toMatchObject({ action_source: "website", event_source_url: "https://solar.example/form" });
});

test("the time of an event can be read from its text", () => {
  const event = graphEvent(happening, { actionSource: "system_generated", map: {} });
  expect(timeOfEvent(event)).toBe(Date.parse("2026-01-13T17:00:00.000Z"));
});
