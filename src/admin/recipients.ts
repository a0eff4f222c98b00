import { Type } from "@sinclair/typebox";
import { readRecipient } from "#campaigns/recipient-records.ts";
import { giveSecret } from "#changes/signing-secret.ts";
import { recoverDeliveries, resumeDeliveries, sendTest } from "#delivery/by-hand.ts";
import type { ConfiguredKind, Recipient } from "#endpoints/recipient.ts";
import { json } from "#http/body-form.ts";
import { instantFrom } from "#http/instant.ts";
import type { ReplyFieldError } from "#http/reply.ts";
import { type Route, route } from "#http/route.ts";
import { dataOf, flag, objectOf, text, timeOrNull } from "#http/schema.ts";
import {
  errorExample,
  exampleCall,
  invalidCall,
  missingCall,
  notFound,
  pathParameter,
  refusalWords,
  reply,
} from "#http/words.ts";
import { deliveryIdOf } from "#text/ids.ts";
import { OVERLAP } from "./overlap.ts";
import { type AdminParts, authorOf } from "./parts.ts";

const GONE = "answered 410 Gone";

/** One kind of those that are sent deliveries, and how its routes are called. */
interface RecipientWords {
  kind: ConfiguredKind;
  path: `/api/v1/admin/${"buyers" | "webhooks" | "conversions"}/:id`;
  /** Of the demo set-up, where there is one. */
  example: string;
  operations: { recover: string; resume: string };
  /** What it did that nothing is sent to it any more. */
  shut: string;
}

/** One that is sent webhooks or e-mail, which it can be shown by a test. */
interface EndpointWords extends RecipientWords {
  kind: "buyer" | "webhook";
  operations: { secret: string; recover: string; test: string; resume: string };
}

const ENDPOINTS: readonly EndpointWords[] = [
  {
    kind: "buyer",
    path: "/api/v1/admin/buyers/:id",
    example: "national-solar",
    operations: {
      secret: "rotateBuyerSecret",
      recover: "recoverBuyerDeliveries",
      test: "testBuyerDelivery",
      resume: "resumeBuyerDeliveries",
    },
    shut: GONE,
  },
  {
    kind: "webhook",
    path: "/api/v1/admin/webhooks/:id",
    example: "books",
    operations: {
      secret: "rotateWebhookSecret",
      recover: "recoverWebhookDeliveries",
      test: "testWebhook",
      resume: "resumeWebhookDeliveries",
    },
    shut: GONE,
  },
];

const DATASET: RecipientWords = {
  kind: "conversion",
  path: "/api/v1/admin/conversions/:id",
  example: "facebook",
  operations: { recover: "recoverConversionDeliveries", resume: "resumeConversionDeliveries" },
  shut: "refused its token, or has none",
};

/** What operators do to whoever is sent deliveries, be it a buyer, a webhook of their own or a dataset of Meta's. */
export function recipientRoutes(parts: AdminParts): Route[] {
  return [
    ...ENDPOINTS.flatMap((each) => [secretRoute(each, parts), testRoute(each, parts)]),
    ...[...ENDPOINTS, DATASET].flatMap((each) => [recoverRoute(each, parts), resumeRoute(each, parts)]),
  ];
}

/** Makes a recipient's signing secret, or a new one beside which the one before signs for a while. It is shown this once. */
function secretRoute(of: EndpointWords, parts: AdminParts): Route {
  const { kind, path, operations } = of;
  return route({
    method: "post",
    path: `${path}/secret`,
    who: parts.operators.admin,
    body: OVERLAP,
    async answer({ context, caller, params: { id }, body }) {
      const author = authorOf(caller, parts);
      const secret = await giveSecret(`${kind}:${id}`, body.overlap_seconds, parts, author);
      if (secret === undefined) return context.refuse("not_found", missing(of));
      // Else what is sent within the next second would be signed without it.
      parts.wake("", [`${kind}:${id}`]);
      return context.json(201, { secret });
    },
    words: {
      operation: operations.secret,
      section: "Operators",
      summary: `Make or rotate a ${kind}'s signing secret`,
      description: `Makes the signing secret, or a new one beside which the one before signs for \`overlap_seconds\` (86,400 unless
said otherwise, at most a week).`,
      params: idOf(of),
      calls: forExample(
        of,
        {},
        {
          made: exampleCall("A secret, with an hour to change over", { overlap_seconds: 3600 }, 201, {
            secret: "whsec_bGVhZGdhdGUtc2VjcmV0LXVzZWQtaW4tdGhlLWRvY3M=",
          }),
        },
      ),
      replies: {
        201: reply(
          "The secret, shown this once.",
          objectOf({ secret: { type: "string", pattern: "^whsec_" } }),
        ),
        404: notFound(kind),
      },
    },
  });
}

const NEXT_TRY = { ...timeOrNull, description: "When the first of them is tried; null: nothing waits." };

const NOT_A_TIME = "a time such as 2030-01-31T00:00:00Z";

const BETWEEN = Type.Object({
  since: Type.String({ format: "leadgate:instant", mustBe: NOT_A_TIME }),
  until: Type.Optional(
    Type.Union([Type.String({ format: "leadgate:instant" }), Type.Null()], { mustBe: NOT_A_TIME }),
  ),
});

function isLater({ since, until }: { since?: unknown; until?: unknown }): ReplyFieldError[] {
  const [from, to] = [instantFrom(since), instantFrom(until)];
  if (from === undefined || to === undefined || to > from) return [];
  return [{ field: "until", code: "out_of_range", message: "must be later than since" }];
}

function recoverRoute(of: RecipientWords, parts: AdminParts): Route {
  const { kind, path, operations } = of;
  return route({
    method: "post",
    path: `${path}/recover`,
    who: parts.operators.operate,
    body: json(BETWEEN, isLater),
    async answer({ context, params: { id }, body }) {
      const recipient: Recipient = `${kind}:${id}`;
      if ((await parts.database.read((db) => readRecipient(db, recipient))) === undefined) {
        return context.refuse("not_found", missing(of));
      }
      const [since, until] = [instantFrom(body.since), instantFrom(body.until)];
      const between = { since: since?.toISOString() ?? "", until: until?.toISOString() ?? null };
      const { nextTryAt, ...data } = await recoverDeliveries(recipient, between, parts);
      return context.json(202, { data: { ...data, next_try_at: nextTryAt?.toISOString() ?? null } });
    },
    words: {
      operation: operations.recover,
      section: "Operators",
      summary: `Send again what did not reach a ${kind}`,
      description:
        "Makes due again what was written in a stretch of time and did not arrive, 10,000 deliveries at most. It is tried at once, " +
        "however the endpoint stands: of one that was down, one delivery goes first, and the others when that has arrived.",
      params: idOf(of),
      calls: forExample(
        of,
        { since: "2026-01-01T00:00:00Z" },
        {
          recovered: exampleCall("Since the new year", { since: "2026-01-01T00:00:00Z" }, 202, {
            data: { recovered: 0, complete: true, next_try_at: null },
          }),
          not_valid: invalidCall("Without a beginning", {}, ["since", "required", "is required"]),
        },
      ),
      replies: {
        202: reply(
          "How many are due; not complete when there may be more.",
          dataOf(objectOf({ recovered: { type: "integer" }, complete: flag, next_try_at: NEXT_TRY })),
        ),
        404: notFound(kind),
      },
    },
  });
}

function testRoute(of: EndpointWords, parts: AdminParts): Route {
  const { kind, path, operations } = of;
  return route({
    method: "post",
    path: `${path}/test`,
    who: parts.operators.operate,
    async answer({ context, params: { id } }) {
      const recipient: Recipient = `${kind}:${id}`;
      const configured = await parts.database.read((db) => readRecipient(db, recipient));
      if (configured === undefined) return context.refuse("not_found", missing(of));
      const { delivery } = configured;
      if (delivery === null || delivery.method === "meta")
        return context.refuse("conflict", "This buyer has no delivery.");
      return context.json(202, { data: { id: deliveryIdOf(await sendTest(recipient, delivery, parts)) } });
    },
    words: {
      operation: operations.test,
      section: "Operators",
      summary: `Send a test to a ${kind}`,
      description: "Sends `webhook.test`, the way that leads are sent.",
      params: idOf(of),
      calls: forExample(of, undefined, {
        no_delivery: exampleCall(
          "A buyer to which nothing is sent",
          undefined,
          409,
          errorExample("conflict", "This buyer has no delivery."),
        ),
      }),
      replies: {
        202: reply("It is due.", dataOf(objectOf({ id: text }))),
        404: notFound(kind),
        409: refusalWords("Nothing can be sent: no delivery is configured."),
      },
    },
  });
}

function resumeRoute(of: RecipientWords, parts: AdminParts): Route {
  const { kind, path, operations, shut } = of;
  return route({
    method: "post",
    path: `${path}/resume`,
    who: parts.operators.operate,
    async answer({ context, params: { id } }) {
      const recipient: Recipient = `${kind}:${id}`;
      if ((await parts.database.read((db) => readRecipient(db, recipient))) === undefined) {
        return context.refuse("not_found", missing(of));
      }
      const { resumed, nextTryAt } = await resumeDeliveries(recipient, parts);
      return context.json(202, { data: { resumed, next_try_at: nextTryAt?.toISOString() ?? null } });
    },
    words: {
      operation: operations.resume,
      section: "Operators",
      summary: `Send to a ${kind} again that ${shut}`,
      description: `Sends again to a ${kind} that ${shut}, or whose endpoint is down. What was held back since, and what
waits for its next attempt, is tried at once.`,
      params: idOf(of),
      calls: forExample(of, undefined, {
        resumed: exampleCall("Nothing was held back", undefined, 202, {
          data: { resumed: 0, next_try_at: null },
        }),
      }),
      replies: {
        202: reply(
          "How many deliveries are due.",
          dataOf(objectOf({ resumed: { type: "integer" }, next_try_at: NEXT_TRY })),
        ),
        404: notFound(kind),
      },
    },
  });
}

function missing({ kind }: RecipientWords): string {
  return `There is no such ${kind}.`;
}

function idOf({ kind, example }: RecipientWords) {
  return { id: pathParameter(`The ${kind}'s id`, example) };
}

/** The demo set-up has buyers, but no webhook and no conversion: `sent` finds none. */
function forExample<Calls>(of: RecipientWords, sent: object | undefined, calls: Calls) {
  if (of.kind === "buyer") return calls;
  return { [`no_such_${of.kind}`]: missingCall(`No such ${of.kind}`, missing(of), sent) };
}
