/**
 * What tests add to a database so that they can empty it again. The ledger's trigger lets nobody delete: while a database is emptied no
 * trigger is asked. To disable one would have all that was planned on its table planned again: that took each journey's last look at its
 * database 60 ms. A node of Citus that another one asks does not know that it is being emptied.
 */
export const makeTriggersGiveWay = `
  do $do$ declare asked record; begin
    for asked in
      select tgname, tgrelid::regclass as relation, pg_get_triggerdef(pg_trigger.oid) as made
      from pg_trigger join pg_class on pg_class.oid = tgrelid where not tgisinternal and relnamespace = 'public'::regnamespace
    loop
      execute format('drop trigger %I on %s', asked.tgname, asked.relation);
      execute replace(asked.made, ' EXECUTE FUNCTION ',
        ' WHEN (current_setting(''tests.is_emptying'', true) is distinct from ''yes''
          and current_setting(''application_name'') not like ''citus_internal%'') EXECUTE FUNCTION ');
    end loop;
  end $do$`;

/**
 * A function that empties the tables which the migrations made, those that refer to others first. A test leaves few rows in few tables:
 * finding and deleting them takes 3 ms, where the same statements took 40 when they were planned anew each time, and truncating 70.
 * Deleting 100,000 takes longer than the database's deadline on a busy machine.
 */
export function makeEmptyingFunction(on: "one database" | "citus"): string {
  const many = `if (select count(*) = 1000 from (select 1 from %1$s limit 1000) as few) then truncate %1$s cascade; else delete from %1$s; end if;`;
  const emptied = on === "citus" ? "delete from %1$s;" : many;
  return `
  do $do$ declare body text; begin
    with recursive depths as (
      select format('%I.%I', schemaname, tablename)::regclass::oid as relation, 0 as depth from pg_tables where schemaname = 'public'
      union
      select confrelid, depth + 1 from depths
        join pg_constraint on conrelid = relation and contype = 'f' and confrelid <> conrelid
    ), tables as (select relation::regclass::text as name, max(depth) as depth from depths group by relation)
    select string_agg(
      format('if exists (select 1 from %1$s) then ${emptied} end if;', name), ' ' order by depth, name collate "C") into body
      from tables;
    create schema tests;
    execute format('create function tests.empty() returns void language plpgsql set tests.is_emptying = yes as %L', 'begin ' || body || ' end');
  end $do$`;
}
