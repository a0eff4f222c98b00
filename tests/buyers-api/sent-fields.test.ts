import { describe, expect, test } from "bun:test";
import { fieldsAsSent } from "#buyers-api/sent-fields.ts";

const fields = { first_name: "Ada", source: "partner-7" };
const json = (content: unknown) => ({ contentType: "application/json", body: JSON.stringify(content) });

describe("a lead's fields as its buyer was sent them", () => {
  test("a lead's fields are all shown to a buyer that is sent nothing, or only that there is a lead", () => {
    const thin = json({ type: "lead.accepted", data: { lead_id: "lead_1", price: "10.00" } });
    for (const sent of [null, thin]) expect(fieldsAsSent(sent, fields)).toEqual(fields);
  });

  test("a lead's fields are those that were in the usual body then, whatever is known of it now", () => {
    const sent = json({ type: "lead.accepted", data: { lead_id: "lead_1", fields: { first_name: "Ada" } } });
    expect(fieldsAsSent(sent, fields)).toEqual({ first_name: "Ada" });
  });

  test("a lead's fields are under the buyer's own names where it has a template, which leaves others out", () => {
    expect(fieldsAsSent(json({ fname: "Ada" }), fields)).toEqual({ fname: "Ada" });
    expect(fieldsAsSent(json({ type: "lead.accepted", fname: "Ada" }), fields)).toEqual({
      type: "lead.accepted",
      fname: "Ada",
    });
    const form = { contentType: "application/x-www-form-urlencoded", body: "fname=Ada+B&zip=" };
    expect(fieldsAsSent(form, fields)).toEqual({ fname: "Ada B", zip: "" });
  });

  test("a lead's fields are no more than a template has that looks like the usual body", () => {
    const chosen = { type: "lead.accepted", data: { lead_id: "lead_1", zip: "78701" } };
    expect(fieldsAsSent(json(chosen), fields)).toEqual(chosen);
    const beside = { type: "lead.accepted", data: { lead_id: "lead_1" }, zip: "78701" };
    expect(fieldsAsSent(json(beside), fields)).toEqual(beside);
  });

  test.each([
    ["XML", { contentType: "application/xml", body: "<lead/>" }],
    ["an e-mail", { contentType: "text/plain; charset=utf-8", body: "first_name: Ada\n" }],
    ["an address", { contentType: "", body: "" }],
    ["JSON that was erased", { contentType: "application/json", body: "" }],
    ["a form that was erased", { contentType: "application/x-www-form-urlencoded", body: "" }],
    ["what was to be JSON and is none", { contentType: "application/json", body: "{34: 1}" }],
  ])("a lead's fields are not read out of %s", (_, sent) => {
    expect(fieldsAsSent(sent, fields)).toBeNull();
  });
});
