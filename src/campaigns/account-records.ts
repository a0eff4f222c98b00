import { sql } from "drizzle-orm";
import type { Queryable } from "#database/database.ts";
import { statement } from "#database/statement.ts";
import type { BillingDefinition } from "./definition.ts";

/** Whose money it is. */
export type AccountHolder = "buyer" | "supplier";

/** What is configured of a party that its money is counted by. */
export interface Account {
  party: AccountHolder;
  id: string;
  name: string;
  /** How a buyer pays; null for a supplier. */
  billing: BillingDefinition | null;
  /** In which the days of its statements begin. */
  timezone: string;
  /** Those of its campaigns; several only where no money is watched. */
  currencies: readonly string[];
}

/** The account of a buyer or a supplier, archived ones included: what they owe is paid all the same. Undefined: there never was one. */
export async function readAccount(
  db: Queryable,
  party: AccountHolder,
  id: string,
): Promise<Account | undefined> {
  const linked = JSON.stringify({ [`${party}s`]: [{ [party]: { id } }] });
  const [[row], currencies] = await Promise.all([
    SELECT_PARTY[party].run(db, { id }),
    selectCurrencies.run(db, { linked }),
  ]);
  if (row === undefined) return undefined;
  return {
    party,
    id,
    name: row.name,
    billing: row.billing === null ? null : (JSON.parse(row.billing) as BillingDefinition),
    timezone: row.timezone ?? "UTC",
    currencies: currencies.map(({ currency }) => currency),
  };
}

type PartyRow = { name: string; billing: string | null; timezone: string | null };

const columns = sql`coalesce(definition ->> 'name', id) as name, (definition -> 'billing')::text as billing,
  definition ->> 'timezone' as timezone`;

const SELECT_PARTY = {
  buyer: statement<PartyRow, { id: string }>(
    "select_buyer_account",
    "unspread",
    ($) => sql`select ${columns} from buyers where id = ${$.id}`,
  ),
  supplier: statement<PartyRow, { id: string }>(
    "select_supplier_account",
    "unspread",
    ($) => sql`select ${columns} from suppliers where id = ${$.id}`,
  ),
};

const selectCurrencies = statement<{ currency: string }, { linked: string }>(
  "select_currencies",
  "all campaigns",
  ($) => sql`select distinct definition ->> 'currency' as currency from campaigns
      where definition @> ${$.linked}::text::jsonb and archived_at is null order by 1`,
);
