import { Type } from "@sinclair/typebox";
import { setToken } from "#changes/conversion-token.ts";
import { resumeDeliveries } from "#delivery/by-hand.ts";
import { TOKEN_PATTERN } from "#endpoints/conversion/graph-request.ts";
import { json } from "#http/body-form.ts";
import { type Route, route } from "#http/route.ts";
import { count, dataOf, objectOf, text } from "#http/schema.ts";
import { missingCall, notFound, pathParameter, reply } from "#http/words.ts";
import { strict } from "#text/typebox.ts";
import { type AdminParts, authorOf } from "./parts.ts";

const NO_CONVERSION = "There is no such conversion.";

const TOKEN = strict({
  token: Type.String({
    pattern: TOKEN_PATTERN,
    mustBe: "an access token of Meta's: 8 to 1,000 letters, digits, |, ., _, ~ or -",
  }),
});

/** Gives a conversion the token by which Meta takes its events: it is stored sealed, and shown never. */
export function conversionTokenRoute(parts: AdminParts): Route {
  return route({
    method: "post",
    path: "/api/v1/admin/conversions/:id/token",
    who: parts.operators.admin,
    body: json(TOKEN),
    async answer({ context, caller, params: { id }, body }) {
      if (!(await setToken(id, body.token, parts, authorOf(caller, parts))))
        return context.refuse("not_found", NO_CONVERSION);
      const { resumed } = await resumeDeliveries(`conversion:${id}`, parts);
      return context.json(201, { data: { id, resumed } });
    },
    words: {
      operation: "setConversionToken",
      section: "Operators",
      summary: "Give a conversion its access token",
      description: `Stores the access token by which Meta takes the conversion's events, in place of the one before. It is kept
sealed under the master key, and shown never. What waited for it is due at once.`,
      params: { id: pathParameter("The conversion's id", "facebook") },
      calls: {
        no_such_conversion: missingCall("No such conversion", NO_CONVERSION, {
          token: "EAAB0123456789abcdef",
        }),
      },
      replies: {
        201: reply(
          "It is stored; so many deliveries were held back for want of it.",
          dataOf(objectOf({ id: text, resumed: count })),
        ),
        404: notFound("conversion"),
      },
    },
  });
}
