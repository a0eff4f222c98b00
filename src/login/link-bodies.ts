import { Type } from "@sinclair/typebox";
import { json } from "#http/body-form.ts";

/** What somebody sends who asks for a link. */
export const ADDRESS_BODY = json(
  Type.Object({
    email: Type.String({ format: "leadgate:mail-address", maxLength: 254, mustBe: "an e-mail address" }),
  }),
);

/** What somebody sends who has one. */
export const LINK_BODY = json(
  Type.Object({ link: Type.String({ maxLength: 200, mustBe: "what stands in the link behind #" }) }),
);
