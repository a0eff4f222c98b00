import { Type } from "@sinclair/typebox";
import type { PasskeySigned } from "#access/sessions/passkey.ts";
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

/** What a browser made of what it was asked to sign, as WebAuthn writes it: read by what reads passkeys, and by nothing before. */
const SIGNED = {
  passkey: Type.Unsafe<PasskeySigned>(
    Type.Object({}, { additionalProperties: true, mustBe: "what the browser answered" }),
  ),
};

/** What somebody sends who was asked for a passkey. */
export const SIGNED_BODY = json(Type.Object(SIGNED));

const PASSKEY_NAME = {
  name: Type.String({
    minLength: 1,
    maxLength: 100,
    format: "leadgate:storable",
    mustBe: "a text of 1 to 100 characters",
  }),
};

/** What a person sends who gives a passkey another name. */
export const PASSKEY_NAME_BODY = json(Type.Object(PASSKEY_NAME));

/** What a person sends who has made a passkey. */
export const NEW_PASSKEY_BODY = json(Type.Object({ ...PASSKEY_NAME, ...SIGNED }));
