import { type SQL, sql } from "drizzle-orm";
import { type Columns, columnInsert, type Rows } from "#database/batch.ts";
import { statement } from "#database/statement.ts";
import type { DecidedLead } from "#leads/decided-lead.ts";
import { COUNTED, FIGURES, type FigureKey, type Figures, figureChanges, SUMMED } from "./figures.ts";

/** What the leads of a batch change of the figures, under their campaigns' locks. */
export function figureRows(leads: readonly DecidedLead[], now: Date): Rows {
  const rows = [...Map.groupBy(leads, ({ lead }) => lead.campaignId)].flatMap(([campaign, ofCampaign]) => {
    const currency = ofCampaign[0]?.currency;
    return figureChanges(ofCampaign, now.getTime()).map((change) => ({ ...change, campaign, currency }));
  });
  return [addFigures, rows];
}

/** The figures of a row by their names, and the sums of several. */
export const FIGURE_LIST = sql.raw(FIGURES.join(", "));
export const FIGURE_SUMS = sql.raw(FIGURES.map((name) => `sum(${name}) as ${name}`).join(", "));

/** What a row has is added to, which is `f`. */
const ADDED = sql.raw(FIGURES.map((name) => `${name} = f.${name} + excluded.${name}`).join(", "));

const changesIn = (rows: SQL) => sql`
        select to_timestamp(hour) as hour, campaign, supplier, coalesce(buyer, '') as buyer, currency,
          accepted, unmatched, rejected, duplicates, sales, refused, returned,
          sold * 0.0001 as sold, refunds * 0.0001 as refunds, payouts * 0.0001 as payouts
        from ${rows}`;

const ofTotals = sql`group by 1, 2, 3
        on conflict (hour, campaign_id, currency) do update set ${ADDED}`;

const ofHours = sql`
      on conflict (hour, campaign_id, supplier_id, buyer_id, currency) do update set ${ADDED}`;

/** To days that are summed up already too, whatever this server takes for today; those after them will have it of their hours. */
const addToAll = (rows: SQL) =>
  statement<unknown, Record<string, string>>(
    "add_figures",
    "named campaigns",
    sql`
      with changes as materialized (${changesIn(rows)}), totals as (
        insert into figure_totals as f (hour, campaign_id, currency, ${FIGURE_LIST})
        select hour, campaign, currency, ${FIGURE_SUMS} from changes ${ofTotals}
      ), old as (
        select *, date_trunc('day', hour, 'UTC') as day from changes
        where hour < (select max(day) + interval '24 hours' from figure_days)
      ), day_totals as (
        insert into figure_day_totals as f (day, campaign_id, currency, ${FIGURE_LIST})
        select day, campaign, currency, ${FIGURE_SUMS} from old group by 1, 2, 3
        on conflict (day, campaign_id, currency) do update set ${ADDED}
      ), days as (
        insert into figure_days as f (day, campaign_id, supplier_id, buyer_id, currency, ${FIGURE_LIST})
        select day, campaign, supplier, buyer, currency, ${FIGURE_SUMS} from old group by 1, 2, 3, 4, 5
        on conflict (day, campaign_id, supplier_id, buyer_id, currency) do update set ${ADDED}
      )
      insert into figures as f (hour, campaign_id, supplier_id, buyer_id, currency, ${FIGURE_LIST})
      select hour, campaign, supplier, buyer, currency, ${FIGURE_LIST} from changes ${ofHours}`,
  );

/** Where tables are spread over nodes no days are summed up, and what one statement reads of another is sent to every node. */
const addToTotals = (rows: SQL) =>
  statement<unknown, Record<string, string>>(
    "add_figure_totals",
    "named campaigns",
    sql`
      insert into figure_totals as f (hour, campaign_id, currency, ${FIGURE_LIST})
      select hour, campaign, currency, ${FIGURE_SUMS} from (${changesIn(rows)}) as changes ${ofTotals}`,
  );

const addToHours = (rows: SQL) =>
  statement<unknown, Record<string, string>>(
    "add_figures_of_hours",
    "named campaigns",
    sql`
      insert into figures as f (hour, campaign_id, supplier_id, buyer_id, currency, ${FIGURE_LIST})
      select hour, campaign, supplier, buyer, currency, ${FIGURE_LIST} from (${changesIn(rows)}) as changes ${ofHours}`,
  );

interface FigureRow extends FigureKey, Figures {
  campaign: string;
  currency: string;
}

function columnsOf(names: readonly (keyof Figures)[], type: string): Columns<FigureRow> {
  return Object.fromEntries(names.map((name) => [name, [type, (row) => row[name]]]));
}

const addFigures = columnInsert<FigureRow>(
  {
    hour: ["float8", ({ hour }) => hour],
    campaign: ["text", ({ campaign }) => campaign],
    supplier: ["text", ({ supplier }) => supplier],
    buyer: ["text", ({ buyer }) => buyer],
    currency: ["text", ({ currency }) => currency],
    ...columnsOf(COUNTED, "int"),
    ...columnsOf(SUMMED, "numeric"),
  },
  (rows) => {
    const [toAll, toTotals, toHours] = [addToAll(rows), addToTotals(rows), addToHours(rows)];
    return {
      run: async (db, values) =>
        db.isSpread === true
          ? (await Promise.all([toTotals.run(db, values), toHours.run(db, values)])).flat()
          : await toAll.run(db, values),
    };
  },
);
