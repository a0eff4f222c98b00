import { Type } from "@sinclair/typebox";
import { ROLES } from "#access/role.ts";
import { oneOf } from "#text/typebox.ts";

const NAME = "a text of 1 to 200 characters";
const ROLE = `one of ${ROLES.join(", ")}`;

/** What is said of everybody who is to be an operator, a person or a program. */
export const NAME_AND_ROLE = {
  name: Type.String({
    minLength: 1,
    maxLength: 200,
    format: "leadgate:storable",
    mustBe: NAME,
    whenMissing: `must be ${NAME}`,
  }),
  role: { ...oneOf(ROLES), mustBe: ROLE, code: "not_allowed", whenMissing: `must be ${ROLE}` },
};
