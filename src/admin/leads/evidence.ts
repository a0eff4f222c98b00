import type { AdminParts } from "#admin/parts.ts";
import { type Route, singleRoute } from "#http/route.ts";
import {
  dataOf,
  flag,
  listOf,
  named,
  objectOf,
  text,
  textOrNull,
  time,
  timeOrNull,
  wordOf,
} from "#http/schema.ts";
import { missingCall, notFound, pathParameter, reply } from "#http/words.ts";
import type { CheckFinding } from "#leads/candidate.ts";
import { findLead, type WholeLead } from "#leads/lead-records.ts";
import { timeOfUuid, uuidOfLead } from "#text/ids.ts";
import { LEAD_ROW, leadRow, TRACE_LINE } from "./lead-row.ts";

const NO_LEAD = "There is no such lead.";

/** `GET /admin/leads/{lead}/evidence`: what shows that a lead was asked for, and how it was looked at, as one JSON. */
export function evidenceRoute({ database, operators }: AdminParts): Route {
  return singleRoute({
    path: "/api/v1/admin/leads/:lead/evidence",
    who: operators.read,
    missing: NO_LEAD,
    async read(params) {
      const uuid = uuidOfLead(params.lead);
      const lead = uuid === undefined ? undefined : await database.read((db) => findLead(db, uuid));
      return lead && evidenceOf(lead);
    },
    words: {
      operation: "getLeadEvidence",
      section: "Operators",
      summary: "What shows that a lead was consented to",
      description: `The certificate of consent that came with a lead, when and from where it came, what others said of it who were asked
(without secrets), how it was decided and to whom it was sold: to be kept or handed on as it is. What names the person goes when the
lead is erased.`,
      params: { lead: pathParameter("The lead's id", "lead_01k6a1npq7f9gtqf2hs6zkdsn4") },
      calls: { no_such_lead: missingCall("No such lead", NO_LEAD) },
      replies: { 200: reply("The evidence.", dataOf(EVIDENCE)), 404: notFound("lead") },
    },
  });
}

/** Under which names suppliers send them. */
const CERTIFICATES = [
  "trustedform_cert_url",
  "xxTrustedFormCertUrl",
  "jornaya_lead_id",
  "universal_leadid",
  "leadid_token",
];
const ADDRESSES = ["ip_address", "client_ip_address", "client_ip", "user_ip", "ip"];
const USER_AGENTS = ["user_agent", "client_user_agent", "useragent"];

function evidenceOf(lead: WholeLead) {
  const fields = JSON.parse(lead.fields) as Readonly<Record<string, unknown>>;
  const sent = lead.sent === null ? {} : (JSON.parse(lead.sent) as Readonly<Record<string, unknown>>);
  const said = (names: readonly string[]) =>
    names.flatMap((name) => textIn(fields, name) ?? []).at(0) ?? null;
  const { id, status, reason, campaign_id, supplier_id, is_test, decided_at, erased_at, sales } =
    leadRow(lead);
  return {
    lead_id: id,
    status,
    reason,
    campaign_id,
    supplier_id,
    is_test,
    request_id: lead.requestId,
    received_at: new Date(timeOfUuid(lead.id)).toISOString(),
    decided_at,
    erased_at,
    certificates: Object.fromEntries(
      CERTIFICATES.flatMap((name) => {
        const certificate = textIn(fields, name);
        return certificate === undefined ? [] : [[name, certificate] as const];
      }),
    ),
    ip_address: said(ADDRESSES),
    user_agent: said(USER_AGENTS),
    fields,
    sent,
    checks: lead.checks.map(checkAnswer),
    trace: lead.trace,
    sales,
  };
}

function textIn(fields: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
  return typeof value === "string" && value !== "" ? value : undefined;
}

function checkAnswer({
  id,
  verdict,
  failure,
  values,
  askedAt,
  tookMs,
  status,
  isKept,
  request,
}: CheckFinding) {
  return {
    id,
    verdict,
    failure,
    values,
    asked_at: askedAt,
    took_ms: tookMs,
    status,
    from_earlier: isKept,
    request,
  };
}

const EVIDENCE = named(
  "LeadEvidence",
  objectOf({
    lead_id: text,
    status: LEAD_ROW.status,
    reason: LEAD_ROW.reason,
    campaign_id: text,
    supplier_id: text,
    is_test: flag,
    request_id: text,
    received_at: time,
    decided_at: time,
    erased_at: timeOrNull,
    certificates: {
      type: "object",
      additionalProperties: text,
      description: "By the names under which they came, such as trustedform_cert_url.",
    },
    ip_address: { ...textOrNull, description: "Of the person, if the supplier sent it." },
    user_agent: { ...textOrNull, description: "Of the person's browser, if the supplier sent it." },
    fields: { type: "object", description: "As understood." },
    sent: { type: "object", description: "What was sent, where that differs from what was understood." },
    checks: listOf(
      objectOf({
        id: text,
        verdict: wordOf(["passed", "rejected", "failed"]),
        failure: { ...textOrNull, description: "Why there is no verdict." },
        values: { type: "object", additionalProperties: text, description: "What stood in the answer." },
        asked_at: time,
        took_ms: { type: "integer", minimum: 0 },
        status: { type: ["integer", "null"], description: "Of HTTP; null: no answer came." },
        from_earlier: { ...flag, description: "It is an earlier answer to the same question." },
        request: {
          type: ["object", "null"],
          description: "method, url and body as they were sent, with *** in the place of secrets.",
        },
      }),
      "What others said who were asked about it.",
    ),
    trace: listOf(TRACE_LINE),
    sales: LEAD_ROW.sales,
  }),
);
