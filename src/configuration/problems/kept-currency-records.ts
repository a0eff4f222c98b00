import { sql } from "drizzle-orm";
import type { CompleteDocument } from "#campaigns/definition.ts";
import type { Queryable } from "#database/database.ts";
import { statement } from "#database/statement.ts";
import type { DocumentProblem } from "./schema-problems.ts";

/**
 * What is wrong with a document because of the money that is on record: balances and caps are kept without a currency, so that of a
 * campaign is settled by its first sale, and a wallet takes leads of the currency alone that its books are in.
 */
export async function currencyChanges(
  db: Queryable,
  before: CompleteDocument | null,
  wanted: CompleteDocument,
): Promise<DocumentProblem[]> {
  const campaigns = wanted.campaigns.map(({ id, currency }) => ({ id, currency }));
  const known = new Set(
    (before === null ? [] : payingIn(before)).map(({ id, currency }) => `${id} ${currency}`),
  );
  const paying = payingIn(wanted).filter(({ id, currency }) => !known.has(`${id} ${currency}`));
  const [changed, mixed] = await Promise.all([
    selectChanged.run(db, { campaigns: JSON.stringify(campaigns) }),
    paying.length === 0 ? [] : selectMixed.run(db, { buyers: JSON.stringify(paying) }),
  ]);
  return [
    ...changed.map(({ id, currency }) => ({
      path: `campaigns[${id}].currency`,
      code: "not_allowed" as const,
      message: `must stay ${currency}, in which the campaign has money on record: make a campaign of its own for another currency`,
    })),
    ...mixed.map(({ id, currency }) => ({
      path: `buyers[${id}].billing`,
      code: "not_allowed" as const,
      message: `must not watch money: the buyer has some in ${currency} on record, and its campaigns are in another currency`,
    })),
  ];
}

/** The buyers whose money is watched, each with the currency of its campaigns. */
function payingIn({ buyers, campaigns }: CompleteDocument): { id: string; currency: string }[] {
  const currencies = new Map(
    campaigns.flatMap((campaign) => campaign.buyers.map(({ buyer }) => [buyer, campaign.currency] as const)),
  );
  return buyers.flatMap(({ id, billing }) => {
    const currency = currencies.get(id);
    return billing.mode === "manual" || currency === undefined ? [] : [{ id, currency }];
  });
}

type Kept = { id: string; currency: string };

/** Under the campaigns' locks, or as it is now. */
const selectChanged = statement<Kept, { campaigns: string }>(
  "select_campaigns_with_another_currency",
  "all campaigns",
  ($) => sql`
      select c.id, c.definition ->> 'currency' as currency
      from json_to_recordset(${$.campaigns}::text::json) as wanted (id text, currency text)
      join campaigns c on c.id = wanted.id and c.definition ->> 'currency' <> wanted.currency
      where exists (select 1 from figures f where f.campaign_id = c.id and f.sales > 0)
        or exists (select 1 from leads l where l.campaign_id = c.id and l.status in ('PENDING', 'HELD'))
        or exists (select 1 from ledger g where g.campaign_id = c.id)
      order by c.id`,
);

const selectMixed = statement<Kept, { buyers: string }>(
  "select_buyers_with_another_currency",
  "all campaigns",
  ($) => sql`
      with wanted as (select * from json_to_recordset(${$.buyers}::text::json) as buyer (id text, currency text))
      select id, min(kept) as currency from (
        select w.id, f.currency as kept from wanted w join figures f on f.buyer_id = w.id and f.currency <> w.currency and f.sales > 0
        union all
        select w.id, l.currency from wanted w join ledger l on l.buyer_id = w.id and l.sale_id is null and l.currency <> w.currency
      ) as money
      group by id order by id`,
);
