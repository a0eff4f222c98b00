import { expect, test } from "bun:test";
import { namingShards } from "#database/nodes/on-shards.ts";

const onShards = namingShards(
  new Map([
    ["leads", "public.leads_1"],
    ["sales", "public.sales_2"],
    ["figures", "public.figures_3"],
    ["running.owners", "running.owners_4"],
  ]),
);

test.each([
  ["select id from leads where id = $1", "select id from public.leads_1 as leads where id = $1"],
  [
    "select l.id from leads l join sales s on true",
    "select l.id from public.leads_1 l join public.sales_2 s on true",
  ],
  [
    "insert into figures as f (hour, sales) select 1, 2 on conflict (hour) do update set sales = f.sales",
    "insert into public.figures_3 as f (hour, sales) select 1, 2 on conflict (hour) do update set sales = f.sales",
  ],
  ["insert into leads (id) values ($1)", "insert into public.leads_1 as leads (id) values ($1)"],
  ["update leads set status = $1", "update public.leads_1 as leads set status = $1"],
  [
    "delete from leads\n where exists (select from sales)",
    "delete from public.leads_1 as leads\n where exists (select from public.sales_2 as sales)",
  ],
  ["select 1 from running.owners where true", "select 1 from running.owners_4 as owners where true"],
  ["select leads from buyers join sales_of on true", "select leads from buyers join sales_of on true"],
  [
    "select extract(epoch from leads) from leads_before",
    "select extract(epoch from leads) from leads_before",
  ],
])("a statement of one campaign names its shards: %s", (text, named) => {
  expect(onShards(text)).toBe(named);
});
