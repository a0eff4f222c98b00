import { BuyerEntry } from "#campaigns/document.ts";
import { completeSelfService } from "#configuration/defaults.ts";
import { jsonAsItIs } from "#http/body-form.ts";
import type { RequestContext } from "#http/context.ts";
import { invalid } from "#http/field-errors.ts";
import { publicSchema } from "#http/public-schema.ts";
import { type Route, route } from "#http/route.ts";
import {
  count,
  dataOf,
  flag,
  listOf,
  money,
  named,
  objectOf,
  text,
  textOrNull,
  timeOrNull,
  wordOf,
} from "#http/schema.ts";
import { refusalWords, reply } from "#http/words.ts";
import { type CapUse, readCapUse } from "#intake/usage/cap-usage.ts";
import { CAP_PERIODS } from "#time/period.ts";
import type { BuyerParts } from "./parts.ts";
import {
  capSelf,
  type NotChanged,
  type OwnEntry,
  pauseSelf,
  readOwnEntry,
  resumeSelf,
} from "./self-service.ts";

const CAPS_SCHEMA = publicSchema(BuyerEntry.properties.caps);

/** What a buyer sees of how it is configured, and may change of that itself. */
export function selfServiceRoutes(parts: BuyerParts): Route[] {
  return [showRoute(parts), ownUsageRoute(parts), pauseRoute(parts), resumeRoute(parts), capsRoute(parts)];
}

function showRoute(parts: BuyerParts): Route {
  return route({
    method: "get",
    path: "/api/v1/buyer",
    who: parts.buyers,
    async answer({ context, caller: { buyerId } }) {
      return answerOf(context, (await readOwnEntry(parts, buyerId)) ?? { why: "no_such_buyer" });
    },
    words: {
      operation: "getOwnBuyer",
      section: "Buyers",
      summary: "Yourself",
      description: "Whether this buyer gets leads, its caps, and what of that it may change.",
      replies: { 200: reply("The buyer.", dataOf(OWN_BUYER)) },
    },
  });
}

function ownUsageRoute({ database, buyers, now }: BuyerParts): Route {
  return route({
    method: "get",
    path: "/api/v1/buyer/usage",
    who: buyers,
    async answer({ context, caller: { buyerId } }) {
      const uses = await database.read((db) => readCapUse(db, { kind: "buyer", id: buyerId }, now()));
      return context.json(200, { data: (uses ?? []).map(useAnswer) });
    },
    words: {
      operation: "getOwnUsage",
      section: "Buyers",
      summary: "How much of your caps is used",
      description: `Each cap of this buyer, over all campaigns or in one (\`campaign_id\`), with what is \`used\` of its \`limit\` now
and when it begins anew; null: never. A cap of leads and money is two entries.`,
      replies: { 200: reply("The caps.", dataOf(listOf(OWN_CAP_USE))) },
    },
  });
}

const QUANTITY = { anyOf: [count, money] };

const OWN_CAP_USE = named(
  "OwnCapUse",
  objectOf({
    campaign_id: textOrNull,
    period: wordOf(CAP_PERIODS),
    unit: wordOf(["leads", "amount"]),
    used: QUANTITY,
    limit: { ...QUANTITY, description: "A number of leads, or an amount as decimal text." },
    resets_at: timeOrNull,
  }),
);

function useAnswer({ campaignId, period, unit, used, limit, resetsAt }: CapUse) {
  return { campaign_id: campaignId, period, unit, used, limit, resets_at: resetsAt };
}

function pauseRoute(parts: BuyerParts): Route {
  return route({
    method: "post",
    path: "/api/v1/buyer/pause",
    who: parts.buyers,
    answer: async ({ context, caller }) =>
      answerOf(context, await pauseSelf(caller.buyerId, parts, parts.now())),
    words: {
      operation: "pauseOwnBuyer",
      section: "Buyers",
      summary: "Get no more leads",
      description:
        "No lead is sold to this buyer from the next one on. What it has bought is still delivered.",
      replies: { 200: reply("Paused.", dataOf(OWN_BUYER)), 409: refusalWords(CHANGED) },
    },
  });
}

function resumeRoute(parts: BuyerParts): Route {
  return route({
    method: "post",
    path: "/api/v1/buyer/resume",
    who: parts.buyers,
    answer: async ({ context, caller }) =>
      answerOf(context, await resumeSelf(caller.buyerId, parts, parts.now())),
    words: {
      operation: "resumeOwnBuyer",
      section: "Buyers",
      summary: "Get leads again",
      description:
        "Ends a pause that this buyer began itself; one that the operator began is the operator's to end.",
      replies: {
        200: reply("It gets leads.", dataOf(OWN_BUYER)),
        409: refusalWords("The operator has paused this buyer, or something was changed meanwhile."),
      },
    },
  });
}

function capsRoute(parts: BuyerParts): Route {
  return route({
    method: "put",
    path: "/api/v1/buyer/caps",
    who: parts.buyers,
    body: jsonAsItIs(CAPS_SCHEMA),
    answer: async ({ context, caller, body }) =>
      answerOf(context, await capSelf(caller.buyerId, body, parts, parts.now())),
    words: {
      operation: "putOwnCaps",
      section: "Buyers",
      summary: "Change your caps",
      description: `The most leads and money of an hour, a day, a week, a month and in all, over all campaigns. What is left out has no cap
then. Where the operator allows it: \`self_service: { caps: true }\`.`,
      replies: { 200: reply("The caps in force.", dataOf(OWN_BUYER)), 409: refusalWords(CHANGED) },
    },
  });
}

const CHANGED = "Something was changed meanwhile: try again.";

const OWN_BUYER = named(
  "OwnBuyer",
  objectOf({
    id: text,
    name: text,
    status: wordOf(["active", "paused", "archived"]),
    caps: CAPS_SCHEMA,
    self_service: objectOf({ pause: flag, caps: flag }),
  }),
);

const WHY_NOT = {
  no_such_buyer: ["not_found", "There is no such buyer any more."],
  not_allowed: ["forbidden", "The operator does not allow this buyer to change that itself."],
  paused_by_operator: ["conflict", "The operator has paused this buyer: ask them to end that."],
  changed_meanwhile: ["conflict", CHANGED],
} as const;

function answerOf(context: RequestContext, changed: OwnEntry | NotChanged): Response {
  if (!("why" in changed)) return context.json(200, { data: entryAnswer(changed) });
  if (changed.why === "not_valid") {
    const errors = changed.problems.map(({ path, code, message }) => ({
      field: path.replace(/^caps\./, ""),
      code,
      message,
    }));
    return invalid(context, errors);
  }
  const [kind, message] = WHY_NOT[changed.why];
  return context.refuse(kind, message);
}

function entryAnswer(entry: OwnEntry) {
  const { id, name = id, status = "active", caps = {} } = entry;
  return { id, name, status, caps, self_service: completeSelfService(entry) };
}
