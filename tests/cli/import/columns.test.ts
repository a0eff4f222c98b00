import { expect, test } from "bun:test";
import { chooseColumns, type FieldsOfCampaign } from "#cli/import/columns.ts";
import { withSystemFields } from "#fields/system.ts";

const PERSON = ["First Name", "Last Name", "Phone", "Email"];
const fields = withSystemFields([{ name: "roof_age", type: "integer", required: true, aliases: ["mobile"] }]);
const keep: FieldsOfCampaign = { fields: withSystemFields([]), unknownFields: "keep" };

const namesOf = (heads: string[], typed: string[] = [], of: FieldsOfCampaign = keep) =>
  chooseColumns(heads, typed, of).map(({ name }) => name);

test("columns of no field are kept under their own names, or left out where the campaign drops such", () => {
  expect(namesOf([...PERSON, "Notes", ""]).slice(4)).toEqual(["Notes", null]);
  expect(namesOf([...PERSON, "Notes"], [], { ...keep, unknownFields: "drop" }).slice(4)).toEqual([null]);
  expect(() => namesOf([...PERSON, "Notes"], [], { ...keep, unknownFields: "reject" })).toThrow(
    /does not have: Notes\..*--map "Notes=-"/,
  );
});

test("columns are what was typed of them before what they are recognised as", () => {
  const heads = [...PERSON, "Cell", "Comments"];
  expect(namesOf(heads, ["cell=phone", "Comments=-"])).toEqual([
    "first_name",
    "last_name",
    "Phone",
    "email",
    "phone",
    null,
  ]);
  expect(namesOf(["first_name", "last_name", "phone", "email", "Cell"], ["Cell=phone"])[2]).toBeNull();
  expect(namesOf([...PERSON, "x=y"], ["x=y=note"]).at(-1)).toBe("note");
});

test("columns that were typed to be what is no field say so, and what may be meant", () => {
  const because = (typed: string) => chooseColumns([...PERSON, "Cell"], [typed], keep).at(-1)?.because;
  expect(because("Cell=phone")).toBe("as typed");
  expect(because("Cell=phnoe")).toBe("as typed; no field (did you mean phone?): kept under that name");
});

test.each([
  [["Phnoe=phone"], "Did you mean Phone?"],
  [["Phone"], "such as --map"],
  [["Phone=a", "Email=a"], "Two columns are to be a."],
])("columns that were typed as %j are refused in words", (typed, message) => {
  expect(() => namesOf(PERSON, typed)).toThrow(message);
});

test("columns must hold what each lead must have, for which a full name is two names", () => {
  expect(() => namesOf(PERSON, [], { fields, unknownFields: "keep" })).toThrow(
    /what each lead must have: roof_age\..*--map "COLUMN=roof_age"/,
  );
  expect(() => namesOf(["Phone", "Email", "Name"])).toThrow(
    /first_name, last_name\..*Columns that are no field: Name\./,
  );
  expect(() => namesOf(["Phone", "Email", "\u001b[2JName"])).toThrow("Columns that are no field: [2JName.");
  expect(namesOf(["Phone", "Email", "Full Name"])).toEqual(["phone", "email", "Full Name"]);
  expect(() => namesOf([...PERSON, "Phone"])).toThrow('Two columns of the file are called "Phone"');
});
