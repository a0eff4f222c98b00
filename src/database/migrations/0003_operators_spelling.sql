CREATE FUNCTION drizzle.spelled(mapping jsonb) RETURNS jsonb LANGUAGE sql AS $$
  select case when jsonb_typeof(mapping) = 'object' then (
    select coalesce(jsonb_object_agg(lower(regexp_replace(name, '([A-Z])', '_\1', 'g')), value), '{}')
    from jsonb_each(mapping) as member (name, value)
  ) else coalesce(mapping, 'null') end
$$;
--> statement-breakpoint
CREATE FUNCTION drizzle.spelled_delivery(delivery jsonb) RETURNS jsonb LANGUAGE sql AS $$
  select case when delivery ->> 'method' = 'webhook'
    then drizzle.spelled(delivery) || jsonb_build_object('ping', drizzle.spelled(delivery -> 'ping'))
    else drizzle.spelled(delivery) end
$$;
--> statement-breakpoint
CREATE FUNCTION drizzle.spelled_supplier(supplier jsonb) RETURNS jsonb LANGUAGE sql AS $$
  select drizzle.spelled(supplier) || case when supplier ? 'rateLimits' then jsonb_build_object('rate_limits',
    (select jsonb_object_agg(name, drizzle.spelled(value)) from jsonb_each(supplier -> 'rateLimits') as route (name, value))) else '{}' end
$$;
--> statement-breakpoint
CREATE FUNCTION drizzle.spelled_buyer(buyer jsonb) RETURNS jsonb LANGUAGE sql AS $$
  select drizzle.spelled(buyer) || jsonb_build_object(
    'duplicates', drizzle.spelled(buyer -> 'duplicates'),
    'delivery', drizzle.spelled_delivery(buyer -> 'delivery'))
$$;
--> statement-breakpoint
UPDATE "suppliers" SET "definition" = drizzle.spelled_supplier("definition");
--> statement-breakpoint
UPDATE "buyers" SET "definition" = drizzle.spelled_buyer("definition");
--> statement-breakpoint
UPDATE "webhooks" SET "definition" = drizzle.spelled_delivery("definition");
--> statement-breakpoint
UPDATE "campaigns" SET "definition" =
  '{"mode": "direct", "ping_budget_ms": 1500, "margin": null, "min_price": null, "allow_loss": true, "max_sells": 1, "pii_days": null}'
  || drizzle.spelled("definition" - 'contracts')
  || jsonb_build_object(
    'duplicates', drizzle.spelled("definition" -> 'duplicates'),
    'suppliers', coalesce((
      select jsonb_agg('{"margin": null}' || link
        || jsonb_build_object('supplier', drizzle.spelled_supplier(link -> 'supplier')) order by place)
      from jsonb_array_elements("definition" -> 'suppliers') with ordinality as links (link, place)), '[]'),
    'buyers', coalesce((
      select jsonb_agg('{"price_rules": [], "exclusive": false}' || drizzle.spelled(contract)
        || jsonb_build_object('buyer', drizzle.spelled_buyer(contract -> 'buyer')) order by place)
      from jsonb_array_elements("definition" -> 'contracts') with ordinality as contracts (contract, place)), '[]'),
    'webhooks', coalesce((
      select jsonb_agg(drizzle.spelled(webhook) order by place)
      from jsonb_array_elements("definition" -> 'webhooks') with ordinality as webhooks (webhook, place)), '[]'));
--> statement-breakpoint
DROP FUNCTION drizzle.spelled_buyer(jsonb), drizzle.spelled_supplier(jsonb), drizzle.spelled_delivery(jsonb), drizzle.spelled(jsonb);
