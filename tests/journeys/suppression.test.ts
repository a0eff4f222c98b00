import { expect, test } from "bun:test";
import { aDocument, aLead, type Leadgate, OPERATOR_KEY } from "../support/leadgate.ts";
import { journeys } from "./journeys.ts";

const document = aDocument({
  campaign: { suppression_lists: ["dnc"] },
  more: { suppression_lists: [{ id: "dnc", name: "Do not call" }] },
});

function upload({ call }: Leadgate, csv: string, query = "") {
  return call("POST", `/api/v1/admin/suppression-lists/dnc/entries${query}`, {
    headers: { authorization: `Bearer ${OPERATOR_KEY}`, "content-type": "text/csv" },
    body: csv,
  });
}

journeys("suppressed people", (journey) => {
  const md5 = (text: string) => new Bun.CryptoHasher("md5").update(text).digest("hex");

  test.each([
    ["plain", "phone\n512-555-0123\n", ""],
    ["hashed by a recipe that no list had before", `phone_md5\n${md5("5125550123")}\n`, "?recipe=last_ten"],
  ])(
    "a person on a suppression list is turned away from the very next lead on, on every server, and let in again: %s",
    async (_, csv, query) => {
      const { leadgate } = journey;
      await leadgate.configure(document);
      const other = leadgate.another();
      const lead = () => aLead({ phone: "(512) 555-0123" });
      const statuses = async () => [
        (await other.ingest("acme", lead())).body.error,
        (await leadgate.ingest("acme", lead())).body.error,
      ];
      expect((await other.ingest("acme", aLead())).status).toBe(201);
      expect((await upload(leadgate, csv, query)).body.data.added).toBe(1);
      expect(await statuses()).toEqual(["suppressed", "suppressed"]);
      const entry = { phone: "+15125550123" };
      expect((await other.admin("DELETE", "/suppression-lists/dnc/entries", entry)).status).toBe(204);
      expect((await leadgate.ingest("acme", lead())).status).toBe(201);
    },
  );

  test("a person on a suppression list is never sold to, however many leads come while a list is put on and replaced", async () => {
    const { leadgate } = journey;
    await leadgate.configure(document);
    await upload(leadgate, "phone\n5125550123\n");
    const people = Array.from({ length: 3000 }, (_, n) => `512${7_000_000 + n}\n`).join("");
    const importing = Promise.all([
      upload(leadgate, `phone\n${people}`),
      upload(leadgate.another(), `phone\n${people}5125550123\n`, "?mode=replace"),
    ]);
    const answers: string[] = [];
    let isOver = false;
    void importing.finally(() => {
      isOver = true;
    });
    while (!isOver || answers.length < 20) {
      answers.push((await leadgate.ingest("acme", aLead({ phone: "5125550123" }))).body.error);
    }
    expect(new Set(answers)).toEqual(new Set(["suppressed"]));
    expect((await importing).map(({ status }) => status)).toEqual([200, 200]);
  });
});
