import { expect, test } from "bun:test";
import type { Queryable } from "#database/database.ts";
import { openDatabase } from "#database/engine/connect.ts";
import { openEmbedded } from "#database/engine/embedded.ts";
import { migrate } from "#database/migrate.ts";
import { discard, embeddedSettings, migratedTemplate, template } from "../support/database.ts";

test("a new embedded database has what the migrations make, in everything that the catalogue knows", async () => {
  const [ready, stepwise] = [await embeddedSettings(), await embeddedSettings()];
  const databases = [
    await openDatabase(ready, { template: await migratedTemplate() }),
    await openEmbedded({ ...stepwise, template: await template(), onProblem: () => undefined }, (client) =>
      migrate(client),
    ),
  ];
  const [found, wanted = {}] = await Promise.all(databases.map((database) => database.read(readCatalogue)));
  expect(Object.keys(wanted).length).toBeGreaterThan(500);
  expect(found).toEqual(wanted);
  await Promise.all(databases.map((database) => database.close()));
  await Promise.all([ready, stepwise].map(discard));
}, 120_000);

async function readCatalogue(db: Queryable): Promise<Record<string, unknown>> {
  const things: Record<string, unknown> = {};
  for (const [kind, query] of Object.entries(CATALOGUE)) {
    for (const { name, row } of await db.execute<{ name: string; row: unknown }>(query))
      things[`${kind} ${name}`] = row;
  }
  return things;
}

const OURS = "(select oid from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema')";
const TABLES = `(select oid from pg_class where relnamespace in ${OURS})`;

/**
 * All columns of the catalogue but numbers of things, which are given as they come, and expressions, which hold such numbers and are
 * read as they are written. A migration that drops a column or gives old rows a default leaves a trace of that in the numbers of the
 * other columns; nobody sees it.
 */
const CATALOGUE = {
  schema: `select nspname as name, to_jsonb(n) - '{oid}'::text[] as row from pg_namespace as n where oid in ${OURS}`,
  relation: `
    select oid::regclass::text as name,
      to_jsonb(c) - '{oid,relfilenode,reltype,relfrozenxid,relminmxid,relpages,reltuples,relallvisible,relallfrozen,relnatts}'::text[]
        || jsonb_build_object('relnamespace', relnamespace::regnamespace, 'reltoastrelid', reltoastrelid <> 0,
        'relpartbound', pg_get_expr(relpartbound, oid), 'partkey', pg_get_partkeydef(oid),
        'parents', array(select inhparent::regclass from pg_inherits where inhrelid = oid)) as row
    from pg_class as c where oid in ${TABLES}`,
  column: `
    select format('%s.%s', attrelid::regclass, attname) as name,
      to_jsonb(a) - '{attrelid,atthasmissing,attmissingval}'::text[]
        || jsonb_build_object('attnum', rank() over (partition by attrelid order by attnum),
        'default', (select pg_get_expr(adbin, adrelid) from pg_attrdef where adrelid = attrelid and adnum = attnum)) as row
    from pg_attribute as a where attrelid in ${TABLES} and attnum > 0 and not attisdropped`,
  constraint: `
    select format('%s %s', conrelid::regclass, conname) as name,
      to_jsonb(c) - '{oid,connamespace,conrelid,confrelid,conparentid,conkey,confkey,conbin}'::text[]
        || jsonb_build_object('definition', pg_get_constraintdef(oid), 'conindid', conindid::regclass) as row
    from pg_constraint as c where connamespace in ${OURS}`,
  index: `
    select indexrelid::regclass::text as name, to_jsonb(i) - '{indexrelid,indrelid,indkey,indexprs,indpred,indcheckxmin}'::text[]
        || jsonb_build_object('definition', pg_get_indexdef(indexrelid)) as row
    from pg_index as i where indrelid in ${TABLES}`,
  trigger: `
    select format('%s %s', tgrelid::regclass, tgname) as name, to_jsonb(t) - '{oid,tgrelid,tgfoid,tgattr,tgqual,tgparentid}'::text[]
        || jsonb_build_object('definition', pg_get_triggerdef(oid)) as row
    from pg_trigger as t where tgrelid in ${TABLES} and not tgisinternal`,
  function: `
    select oid::regprocedure::text as name, to_jsonb(p) - '{oid,pronamespace}'::text[]
        || jsonb_build_object('definition', pg_get_functiondef(oid)) as row
    from pg_proc as p where pronamespace in ${OURS}`,
  sequence: `
    select seqrelid::regclass::text as name, to_jsonb(s) - '{seqrelid}'::text[] as row from pg_sequence as s where seqrelid in ${TABLES}`,
  type:
    "select oid::regtype::text as name, jsonb_build_object('kind', typtype) as row from pg_type where typnamespace in " +
    OURS,
  rule: `select rulename as name, to_jsonb(r) as row from pg_rewrite as r where ev_class in ${TABLES}`,
  policy: `select polname as name, to_jsonb(p) as row from pg_policy as p where polrelid in ${TABLES}`,
  statistics: `select stxname as name, to_jsonb(s) as row from pg_statistic_ext as s where stxrelid in ${TABLES}`,
  comment: `
    select format('%s %s %s', classoid::regclass, objoid, objsubid) as name, to_jsonb(description) as row
    from pg_description where objoid >= 16384`,
  "rows of": `
    select oid::regclass::text as name,
      query_to_xml(format('select * from %s as row order by row::text', oid::regclass), true, true, '')::text as row
    from pg_class where relnamespace in ${OURS} and relkind = 'r'`,
} as const;
