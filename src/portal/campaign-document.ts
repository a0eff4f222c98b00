import { schemasReferredTo } from "#api-docs/openapi/components.ts";
import { components, type OpenApiDocument } from "#api-docs/openapi/document.ts";
import type { GeneratedPaths } from "#api-docs/openapi/generated.ts";
import { type Documented, operationOf } from "#api-docs/openapi/operation.ts";
import type { Campaign, RateLimit, SupplierLink } from "#campaigns/campaign.ts";
import type { CapsDefinition } from "#campaigns/definition.ts";
import type { Route } from "#http/route.ts";
import { exampleCall, invalidCall, type Words } from "#http/words.ts";
import { LEAD_CHECKS, TOKEN_RULES } from "#intake/supplier-words.ts";
import type { FilterFailure } from "#rules/filter.ts";
import { CAP_PERIODS } from "#time/period.ts";
import { fieldsOf, leadSchema, namesInPing, pingSchema } from "./campaign-fields.ts";
import { examplePing, examplePost } from "./example-lead.ts";

/** A campaign, and the supplier that looks at it; undefined: anybody. Nothing here may tell of buyers, prices or margins. */
export interface Viewed {
  campaign: Campaign;
  supplier: SupplierLink | undefined;
}

/**
 * What a campaign turns leads and pings away for. `code` is the answer's `error`, status or reason, `rule` that of a
 * `filter_errors` entry or the code of a field.
 */
export interface Rejection {
  status: number;
  code: string;
  rule: string | null;
  says: string;
}

const OF_SUPPLIERS = [
  "/api/v1/ping",
  "/api/v1/ingest",
  "/api/v1/leads/{id}",
  "/api/v1/leads",
  "/api/v1/balance",
  "/api/v1/statement",
];

/** The document of one campaign: its own fields as the body of a lead, its own rejections among the answers. */
export function campaignDocument(
  viewed: Viewed,
  routes: readonly Route[],
  paths: GeneratedPaths,
  version: string,
  now: Date,
): OpenApiDocument {
  const { campaign, supplier } = viewed;
  const isPinged = isPingedFirst(campaign);
  const of = (operation: string) => documented(routes, operation);
  const described: Record<string, Documented> = {
    ...(isPinged && { pingLead: pingOf(viewed, of("pingLead"), now) }),
    ingestLead: ingestInto(viewed, of("ingestLead"), now),
    ...Object.fromEntries(
      ["getLead", "listOwnLeads", "getOwedBalance", "getOwedStatement"].map((each) => [
        each,
        withoutExamples(of(each)),
      ]),
    ),
  };
  const ofSuppliers = Object.fromEntries(
    OF_SUPPLIERS.flatMap((path) => {
      const methods = Object.entries(paths[path] ?? {}).flatMap(([method, { operationId }]) => {
        const route = described[operationId];
        return route === undefined ? [] : [[method, operationOf(route)] as const];
      });
      return methods.length === 0 ? [] : [[path, Object.fromEntries(methods)] as const];
    }),
  );
  return {
    openapi: "3.1.0",
    info: {
      title: campaign.name,
      version: `${version}+${campaign.revision}`,
      summary: `Leads for ${campaign.name}`,
      description: descriptionOf(viewed, now),
    },
    servers: [{ url: "/", description: "The server that this document came from" }],
    tags: [{ name: "Suppliers", description: "Send leads, and ask what became of them." }],
    paths: ofSuppliers,
    components: {
      ...components(["supplierKey"]),
      schemas: {
        ...schemasReferredTo(ofSuppliers),
        ...(isPinged && { Ping: pingSchema(campaign, supplier?.supplierId, now) }),
        Lead: leadSchema(campaign, supplier?.supplierId, now),
      },
    },
  };
}

/** Whether a lead is taken only after a ping. */
export function isPingedFirst({ mode }: Campaign): boolean {
  return mode === "ping_post";
}

function pingOf({ campaign, supplier }: Viewed, route: Documented, now: Date): Documented {
  const ping = examplePing(campaign, supplier?.supplierId, now);
  const needed = fieldsOf(campaign, now).find((field) => field.requiredForPing);
  const withoutNeeded = (name: string) =>
    Object.fromEntries(Object.entries(ping).filter(([each]) => !namesInPing(name).includes(each)));
  return triedOut(route, {
    calls: {
      ping: exampleCall("A ping for a person who does not exist", ping, 200),
      ...(needed !== undefined && {
        not_valid: invalidCall(`Without ${needed.title}`, withoutNeeded(needed.name), [
          needed.name,
          "required",
          `${needed.title} is required`,
        ]),
      }),
    },
  });
}

function ingestInto(viewed: Viewed, route: Documented, now: Date): Documented {
  const { campaign, supplier } = viewed;
  const lead = examplePost(campaign, supplier?.supplierId, now);
  const { phone: _, ...withoutPhone } = lead;
  return triedOut(route, {
    description: isPingedFirst(campaign)
      ? [LEAD_CHECKS, TOKEN_RULES, TRYING_A_POST].join("\n\n")
      : LEAD_CHECKS,
    calls: {
      lead: exampleCall("A lead of a person who does not exist", lead, 201),
      not_valid: invalidCall("Without a phone", withoutPhone, [
        "phone",
        "required",
        `${titleOfPhone(campaign)} is required`,
      ]),
    },
  });
}

const TRYING_A_POST = `To try it out, ping with \`dry_run=false\`, which puts nothing on record, and put the \`ping_id\`
of the answer in the place of \`YOUR_PING_ID\`. A dry run of the lead leaves the token good.`;

/** Where people try things out, nothing should come of it unless they say so. */
function triedOut(route: Documented, words: Partial<Words>): Documented {
  const plain = withoutExamples(route);
  const { dry_run, ...settings } = plain.settings;
  return {
    ...plain,
    settings: {
      ...settings,
      ...(dry_run && { dry_run: { ...dry_run, schema: { ...dry_run.schema, default: "true" } } }),
    },
    words: { ...plain.words, ...words },
  };
}

/** The general examples are of the demo's campaigns and buyers. */
function withoutExamples(route: Documented): Documented {
  const replies = Object.entries(route.words.replies).map(([status, { examples: _, ...reply }]) => [
    status,
    reply,
  ]);
  return { ...route, words: { ...route.words, replies: Object.fromEntries(replies), calls: {} } };
}

function documented(routes: readonly Route[], operation: string): Documented {
  const found = routes.find(({ words }) => words?.operation === operation);
  if (found?.words === undefined) throw new Error(`${operation} is not described`);
  return { ...found, words: found.words };
}

/** How the campaign calls a phone. */
export function titleOfPhone({ mapping }: Campaign): string {
  return mapping.schema.properties.phone?.title ?? "Phone";
}

function descriptionOf(viewed: Viewed, now: Date): string {
  const pingRejections = isPingedFirst(viewed.campaign) ? pingRejectionsOf(viewed, now) : [];
  const limits = limitsOf(viewed).map((limit) => `- ${limit}`);
  return [
    "What this campaign asks for, made from its configuration as it is in force now.",
    ...(pingRejections.length > 0 ? [`**Pings turned away**\n\n${listed(pingRejections)}`] : []),
    `**${pingRejections.length > 0 ? "Leads turned" : "Turned"} away**\n\n${listed(rejectionsOf(viewed, now))}`,
    ...(limits.length > 0 ? [`**Limits**\n\n${limits.join("\n")}`] : []),
  ].join("\n\n");
}

function listed(rejections: readonly Rejection[]): string {
  return rejections
    .map(
      ({ status, code, rule, says }) =>
        `- ${status} \`${code}\`${rule === null ? "" : ` (\`${rule}\`)`}: ${says}`,
    )
    .join("\n");
}

/** For what the campaign, and the supplier's own link to it, turn leads away. */
export function rejectionsOf(viewed: Viewed, now: Date): Rejection[] {
  const { duplicates, suppressionLists, checks } = viewed.campaign;
  return [
    { status: 400, code: "validation_failed", rule: null, says: "A field is missing or not valid." },
    ...(isPingedFirst(viewed.campaign) ? TOKEN_REJECTIONS : []),
    ...demandsOf(viewed, now).map(({ holds, ...demand }) =>
      holds ? { status: 202, code: "HELD", ...demand } : { status: 422, code: "filtered", ...demand },
    ),
    ...(suppressionLists.size > 0 ? [{ status: 422, code: "suppressed", rule: null, says: SUPPRESSED }] : []),
    {
      status: duplicates.action === "reject" ? 200 : 201,
      code: duplicates.action === "reject" ? "DUPLICATE" : "ACCEPTED",
      rule: null,
      says: duplicateInWords(viewed.campaign),
    },
    ...checks.map(({ id }) => ({
      status: 422,
      code: "filtered",
      rule: `check.${id}`,
      says: REFUSED_BY_CHECK,
    })),
  ];
}

/** For what pings of the campaign are turned away. */
export function pingRejectionsOf(viewed: Viewed, now: Date): Rejection[] {
  const { suppressionLists, duplicates } = viewed.campaign;
  const told = (code: string, says: string) => ({ status: 200, code, rule: null, says });
  return [
    {
      status: 400,
      code: "validation_failed",
      rule: null,
      says: "A field is not valid, or one that is required for a ping is missing.",
    },
    ...demandsOf(viewed, now).flatMap(({ holds, ...demand }) =>
      holds ? [] : [{ status: 200, code: "filtered", ...demand }],
    ),
    ...(suppressionLists.size > 0 ? [told("suppressed", SUPPRESSED)] : []),
    ...(duplicates.action === "reject" ? [told("duplicate", duplicateInWords(viewed.campaign))] : []),
    told("no_buyer", "Nobody would take the lead now."),
    told("inactive", "The campaign is paused, or your part in it."),
  ];
}

const REFUSED_BY_CHECK = "Somebody who is asked about each lead says no.";
const SUPPRESSED = "The person asked not to be called.";

function demandsOf(
  viewed: Viewed,
  now: Date,
): (Pick<Rejection, "rule" | "says"> & Record<"holds", boolean>)[] {
  return filterDemands(viewed, now).map(({ rule, message, holds = false }) => ({
    rule,
    says: `${message.charAt(0).toUpperCase()}${message.slice(1)}${holds ? ", else a person decides" : ""}.`,
    holds,
  }));
}

/** What must be so, by the supplier's filters and then the campaign's, as an answer's `filter_errors` would say it. */
export function filterDemands({ campaign, supplier }: Viewed, now: Date): FilterFailure[] {
  const demands = [
    ["supplier", supplier?.filters?.demands(now) ?? []],
    ["campaign", campaign.filters?.demands(now) ?? []],
  ] as const;
  return demands.flatMap(([by, all]) => all.map((each) => ({ ...each, rule: `${by}.${each.rule}` })));
}

/** Codes of fields that speak of the ping. */
const TOKEN_REJECTIONS: readonly Rejection[] = [
  ["flo_ping_id required", "Ping first."],
  ["flo_ping_id invalid", "No ping was answered with this token, or it was changed."],
  ["flo_ping_id expired", "The ping is 30 minutes old: ping again."],
  [
    "flo_ping_id mismatch",
    "The ping was another campaign's or supplier's, or a value differs from what was pinged.",
  ],
  ["flo_ping_id replayed", "The ping has bought its lead already: ping again."],
  ["flo_buyer_id not_allowed", "The ping's answer has no bid of this buyer."],
].map(([rule = "", says = ""]) => ({ status: 400, code: "validation_failed", rule, says }));

function duplicateInWords({ duplicates, mode }: Campaign): string {
  const { fields, windowDays, action } = duplicates;
  const seen = `The same ${fields.join(" or ")} as in a lead of the last ${windowDays} days`;
  if (action === "reject") return `${seen}.`;
  const itsBuyer = `the buyer of that one${mode === "ping_post" ? ", if that has made a bid" : ""}`;
  return `${seen}: it goes to ${itsBuyer}, with duplicate: true.`;
}

/** What the supplier is limited to; nothing for anybody else. */
export function limitsOf({ supplier, campaign }: Viewed): string[] {
  if (supplier === undefined) return [];
  const { ingest, ping } = supplier.supplier.rateLimits;
  return [
    ...(isPingedFirst(campaign) ? [rateInWords("pings", ping)] : []),
    rateInWords("leads", ingest),
    ...capsInWords(supplier.writtenCaps, supplier.timezone, campaign.currency),
    ...(supplier.supplier.testMode ? ["In test mode: leads are not sold, and do not count."] : []),
  ];
}

function rateInWords(what: string, { perSecond, burstPerSecond, burstSeconds }: RateLimit): string {
  return `${perSecond} ${what} a second for ever, ${burstPerSecond} a second for ${burstSeconds} seconds.`;
}

function capsInWords(caps: CapsDefinition, timezone: string, currency: string): string[] {
  return CAP_PERIODS.flatMap((period) => {
    const { leads, amount } = caps[period] ?? {};
    const when = period === "total" ? "in all" : `${period === "hour" ? "an" : "a"} ${period} (${timezone})`;
    return [
      ...(leads === undefined ? [] : [`At most ${leads} accepted leads ${when}.`]),
      ...(amount === undefined ? [] : [`At most ${amount} ${currency} ${when}.`]),
    ];
  });
}
