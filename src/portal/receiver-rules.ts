import { withCode } from "#api-docs/site/html.ts";
import type { Campaign, Contract } from "#campaigns/campaign.ts";
import type { DeliverySettings, EmailSettings, WebhookSettings } from "#endpoints/delivery-settings.ts";
import { conditionInWords, OUTCOME_WORDS, waitInWords } from "./answer-words.ts";

/** What a buyer of a campaign receives. */
export interface Receiver {
  campaign: Campaign;
  contract: Contract;
}

/** The rules of a buyer's own deliveries, as HTML: where they go and how, what its answers mean, and what follows a failure. */
export function receiverRules({ campaign, contract }: Receiver, delivery: DeliverySettings): string {
  const facts =
    delivery.method === "email" ? mailFacts(delivery) : webhookFacts(delivery, campaign.confirmBudgetMs);
  return `<h2 id="rules">How your leads reach you</h2>
${definitions([...facts, ...retryFacts(delivery)])}${delivery.method === "webhook" ? answers(delivery, contract) : ""}`;
}

type Fact = readonly [name: string, says: string];

function definitions(facts: readonly Fact[]): string {
  const rows = facts.map(([name, says]) => `<div><dt>${name}</dt><dd>${withCode(says)}</dd></div>`);
  return `<dl class="properties facts">\n${rows.join("\n")}\n</dl>\n`;
}

function webhookFacts(delivery: WebhookSettings, confirmBudgetMs: number): Fact[] {
  const { httpMethod, url, format, timeoutSeconds, confirm, legacySignatureHeader, maxInFlight, ping } =
    delivery;
  return [
    ["Address", `${httpMethod} \`${withoutQuery(url)}\``],
    ["Form of the body", httpMethod === "GET" ? "none: everything stands in the address" : FORMATS[format]],
    [
      "Signature",
      `Standard Webhooks, in \`webhook-signature\`${
        legacySignatureHeader === null
          ? ""
          : `; and the hex HMAC-SHA256 of the body alone in \`${legacySignatureHeader}\``
      }`,
    ],
    ["Time for your answer", `${timeoutSeconds} s; at most 16 KiB of it are read`],
    [
      "Before the sale",
      confirm
        ? `you are asked first, and within ${confirmBudgetMs} ms: a no costs nothing, and the lead goes to another buyer`
        : "you are not asked: each lead that you are sent is sold to you, unless your answer refuses it",
    ],
    ...(ping === null
      ? []
      : [["Bids", `you are asked for a price first, and have ${ping.timeoutMs} ms`] as const]),
    ["At once", `at most ${maxInFlight} requests`],
  ];
}

const FORMATS: Readonly<Record<WebhookSettings["format"], string>> = {
  json: "JSON",
  form: "a form (`application/x-www-form-urlencoded`)",
  xml: "XML",
  text: "plain text",
};

/** A query may hold what is secret. */
function withoutQuery(url: string): string {
  return url.replace(/\?.*$/s, "?…");
}

function mailFacts({ to, format }: EmailSettings): Fact[] {
  return [
    ["By e-mail to", to.map((address) => `\`${address}\``).join(", ")],
    ["Form of the body", format === "html" ? "HTML" : "text"],
  ];
}

function retryFacts({ retrySchedule, giveUpAfterSeconds, whenDown }: DeliverySettings): Fact[] {
  const [shown, rest] = [retrySchedule.slice(0, 6), retrySchedule.length > 6 ? " and so on" : ""];
  return [
    ["When it fails", `tried again after ${shown.map(waitInWords).join(", ")}${rest}, with some jitter`],
    ["Given up after", waitInWords(giveUpAfterSeconds)],
    [
      "While you are down",
      whenDown === "skip"
        ? "you are sold no leads; they begin again by themselves"
        : "your leads wait for you",
    ],
  ];
}

function answers(
  { responseRules, confirm }: WebhookSettings,
  { onRefusal, refusalMinutes }: Contract,
): string {
  const heading = `<h2 id="answers">What your answer means</h2>\n`;
  const asked = confirm ? ASKED_FIRST : "";
  if (responseRules.length === 0) return `${heading}${USUAL_ANSWER}${asked}`;
  const rules = responseRules.map(
    (rule) =>
      `<li>${withCode(`When ${conditionInWords(rule)}: ${rule.outcome}, ${OUTCOME_WORDS[rule.outcome]}.`)}</li>`,
  );
  const refuses = responseRules.some(({ outcome }) => outcome === "rejected" || outcome === "duplicate");
  return `${heading}<p>The first of these that fits decides. Texts compare without case.</p>
<ol>
${rules.join("\n")}
<li>Any other 2xx: given up, since nobody can tell whether you have the lead. Please let no answer come to this.</li>
<li>Anything else, or nothing: sent again later.</li>
</ol>
${refuses ? `<p>${refusalInWords(onRefusal, refusalMinutes)}</p>\n` : ""}${asked}`;
}

const USUAL_ANSWER = `<p>Answer with any 2xx within the time: the lead is yours. Everything else is tried again, but for
<code>410</code>, which pauses the endpoint until the operator resumes it.</p>\n`;

/** Nothing is tried again there: others wait for the lead. */
const ASKED_FIRST = `<p>While you are asked before the sale nothing is tried again: an answer that is no yes is a no, and the lead goes
to another buyer. One that leaves in doubt whether you have it (none in time, a broken connection, <code>408</code>, <code>499</code>,
<code>502</code>, <code>503</code> with a body, <code>504</code>, <code>520</code> to <code>527</code>) keeps it from everybody, and it is
sold to nobody.</p>\n`;

const NOT_BILLED = "A lead that you do not want, or have already, is not billed.";

function refusalInWords(onRefusal: Contract["onRefusal"], minutes: number): string {
  switch (onRefusal) {
    case "next_buyer":
      return `${NOT_BILLED} Within ${minutes} minutes of its first sale another buyer may get it.`;
    case "reverse":
      return NOT_BILLED;
    case "keep":
      return "A lead that you do not want is billed all the same: that is agreed.";
  }
}
