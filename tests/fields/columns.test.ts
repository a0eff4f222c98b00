import { expect, test } from "bun:test";
import { recogniseColumns } from "#fields/columns.ts";
import { withSystemFields } from "#fields/system.ts";

const fields = withSystemFields([
  { name: "roof_age", type: "integer", label: "Age of the roof", aliases: ["RoofYears", "data.roof[0]"] },
  { name: "zip_code", type: "zip", aliases: ["PLZ"] },
]);

const recognised = (...heads: string[]) =>
  recogniseColumns(heads, fields).map((each) => each && `${each.field} by ${each.by}`);

test("columns are recognised by a field's name, label, alias or a usual word, whatever the case, blanks and accents", () => {
  expect(
    recognised(
      "First Name",
      "SURNAME",
      "E-Mail",
      "Phone Number",
      "roof_age",
      "plz",
      "Notes",
      "Trustedform-Cert-URL",
    ),
  ).toEqual([
    "first_name by name",
    "last_name by usual word",
    "email by name",
    "phone by usual word",
    "roof_age by name",
    "zip_code by alias",
    undefined,
    "trustedform_cert_url by name",
  ]);
  expect(recognised("AGE OF THE ROOF")).toEqual(["roof_age by label"]);
  expect(recognised("Roof years", "data.roof[0]", "", "-")).toEqual([
    "roof_age by alias",
    undefined,
    undefined,
    undefined,
  ]);
});

test("of two columns for one field the one that fits best is that field, and of equal ones the first", () => {
  expect(recognised("Mobile", "Phone")).toEqual([undefined, "phone by name"]);
  expect(recognised("Mobile", "Cell")).toEqual(["phone by usual word", undefined]);
});
