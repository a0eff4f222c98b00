ALTER TABLE "leads" ADD COLUMN "first_decided_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "leads" DROP CONSTRAINT "leads_status";--> statement-breakpoint
ALTER TABLE "leads" ADD CONSTRAINT "leads_status" CHECK ("leads"."status" in ('ACCEPTED', 'UNMATCHED', 'DUPLICATE', 'REJECTED', 'PENDING', 'RETURNED'));--> statement-breakpoint
ALTER TABLE "sales" DROP CONSTRAINT "sales_status";--> statement-breakpoint
ALTER TABLE "sales" ADD COLUMN "supplier_id" text;--> statement-breakpoint
ALTER TABLE "sales" ADD COLUMN "is_test" boolean DEFAULT false NOT NULL;--> statement-breakpoint
UPDATE "sales" s
SET "supplier_id" = l."supplier_id", "is_test" = l."is_test", "status" = CASE s."status" WHEN 'refused' THEN 'declined' ELSE s."status" END
FROM "leads" l
WHERE l."id" = s."lead_id" AND l."campaign_id" = s."campaign_id";
--> statement-breakpoint
ALTER TABLE "sales" ALTER COLUMN "supplier_id" SET NOT NULL;--> statement-breakpoint
CREATE INDEX "sales_sold" ON "sales" USING btree ("sold_at");--> statement-breakpoint
ALTER TABLE "sales" ADD CONSTRAINT "sales_status" CHECK ("sales"."status" in ('reserved', 'declined', 'sold', 'refused', 'returned'));--> statement-breakpoint
ANALYZE "sales";--> statement-breakpoint
CREATE TABLE "ledger" (
	"id" uuid NOT NULL,
	"campaign_id" text DEFAULT '' NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"kind" text NOT NULL,
	"buyer_id" text,
	"supplier_id" text,
	"buyer_amount" numeric(18, 4) DEFAULT '0' NOT NULL,
	"supplier_amount" numeric(18, 4) DEFAULT '0' NOT NULL,
	"currency" text,
	"sale_id" uuid,
	"lead_id" uuid,
	"day" date,
	"source" text,
	"reference" text,
	"note" text,
	"by" text,
	CONSTRAINT "ledger_id_campaign_id_pk" PRIMARY KEY("id","campaign_id"),
	CONSTRAINT "ledger_kind" CHECK ("ledger"."kind" in ('refusal', 'return', 'payment', 'adjustment', 'cost', 'payout', 'invoice')),
	CONSTRAINT "ledger_undoes" CHECK (("ledger"."kind" in ('refusal', 'return')) = ("ledger"."sale_id" is not null)),
	CONSTRAINT "ledger_party" CHECK ("ledger"."buyer_id" is not null or "ledger"."supplier_id" is not null)
);
--> statement-breakpoint
-- What was taken back from a buyer so far was so by an operator, who sent the lead round again: when the lead's next buyer was chosen.
INSERT INTO "ledger" ("id", "campaign_id", "at", "kind", "buyer_id", "supplier_id", "buyer_amount", "supplier_amount", "currency", "sale_id", "lead_id")
SELECT overlay(overlay(gen_random_uuid()::text placing substr(s."id"::text, 1, 13) from 1) placing '7' from 15)::uuid, s."campaign_id",
	coalesce((
		SELECT min(later."sold_at") FROM "sales" later
		WHERE later."lead_id" = s."lead_id" AND later."campaign_id" = s."campaign_id" AND later."sold_at" > s."sold_at"
	), l."decided_at"),
	'return', s."buyer_id", s."supplier_id", s."price", -s."payout", s."currency", s."id", s."lead_id"
FROM "sales" s
JOIN "leads" l ON l."id" = s."lead_id" AND l."campaign_id" = s."campaign_id"
WHERE s."status" = 'returned' AND NOT s."is_test";
--> statement-breakpoint
CREATE TEMPORARY TABLE "paying_buyers" ON COMMIT DROP AS
SELECT b."id", b."definition" -> 'billing' ->> 'mode' <> 'manual' AS "pays", (
	SELECT CASE WHEN count(DISTINCT c."definition" ->> 'currency') = 1 THEN min(c."definition" ->> 'currency') END
	FROM "campaigns" c WHERE c."definition" @> jsonb_build_object('buyers', jsonb_build_array(jsonb_build_object('buyer', jsonb_build_object('id', b."id"))))
) AS "currency"
FROM "buyers" b;
--> statement-breakpoint
INSERT INTO "ledger" ("id", "at", "kind", "buyer_id", "buyer_amount", "currency", "reference")
SELECT d."id", d."created_at", 'payment', d."buyer_id", d."amount", b."currency", d."reference"
FROM "deposits" d LEFT JOIN "paying_buyers" b ON b."id" = d."buyer_id";
--> statement-breakpoint
DROP TABLE "deposits";--> statement-breakpoint
ALTER TABLE "campaign_counters" ADD COLUMN "balance" numeric(18, 4) DEFAULT '0' NOT NULL;--> statement-breakpoint
UPDATE "campaign_counters" c
SET "balance" = earned."payouts"
FROM (
	SELECT "campaign_id", "supplier_id", sum("payout") AS "payouts" FROM "sales"
	WHERE "status" IN ('reserved', 'sold') AND NOT "is_test" GROUP BY 1, 2
) earned
WHERE c."party" = 'supplier' AND c."campaign_id" = earned."campaign_id" AND c."party_id" = earned."supplier_id";
--> statement-breakpoint
UPDATE "campaign_counters" c
SET "balance" = -bought."prices"
FROM (
	SELECT "campaign_id", "buyer_id", sum("price") AS "prices" FROM "sales"
	WHERE "status" IN ('reserved', 'sold') AND NOT "is_test" GROUP BY 1, 2
) bought
WHERE c."party" = 'contract' AND c."campaign_id" = bought."campaign_id" AND c."party_id" = bought."buyer_id"
	AND NOT EXISTS (SELECT FROM "paying_buyers" b WHERE b."id" = c."party_id" AND b."pays");
--> statement-breakpoint
-- Whoever is billed by hand owes all that it was sold. What was charged to a wallet of earlier days is among that.
UPDATE "buyer_counters" c
SET "balance" = coalesce((SELECT sum(l."buyer_amount") FROM "ledger" l WHERE l."buyer_id" = c."buyer_id" AND l."kind" = 'payment'), 0)
WHERE NOT EXISTS (SELECT FROM "paying_buyers" b WHERE b."id" = c."buyer_id" AND b."pays");
--> statement-breakpoint
-- A wallet that was opened after the first sales was not charged for them. It keeps what is in it, and the ledger says why.
INSERT INTO "ledger" ("id", "at", "kind", "buyer_id", "buyer_amount", "currency", "note")
SELECT overlay(overlay(gen_random_uuid()::text placing (
		SELECT substr(hex, 1, 8) || '-' || substr(hex, 9, 4) FROM lpad(to_hex(floor(extract(epoch FROM now()) * 1000)::bigint), 12, '0') AS hex
	) from 1) placing '7' from 15)::uuid,
	now(), 'adjustment', known."buyer_id", known."balance" - known."explained", b."currency",
	'What was sold before the balance was kept'
FROM (
	SELECT c."buyer_id", c."balance",
		coalesce((SELECT sum(l."buyer_amount") FROM "ledger" l WHERE l."buyer_id" = c."buyer_id" AND l."kind" = 'payment'), 0)
		- coalesce(bought."prices", 0) AS "explained"
	FROM "buyer_counters" c
	LEFT JOIN (
		SELECT "buyer_id", sum("price") AS "prices" FROM "sales" WHERE "status" IN ('reserved', 'sold') AND NOT "is_test" GROUP BY 1
	) bought ON bought."buyer_id" = c."buyer_id"
) known
JOIN "paying_buyers" b ON b."id" = known."buyer_id" AND b."pays"
WHERE known."balance" <> known."explained";
--> statement-breakpoint
CREATE INDEX "ledger_at" ON "ledger" USING btree ("at");--> statement-breakpoint
CREATE UNIQUE INDEX "ledger_sale" ON "ledger" USING btree ("sale_id","campaign_id") WHERE "ledger"."sale_id" is not null;--> statement-breakpoint
CREATE INDEX "ledger_buyer" ON "ledger" USING btree ("buyer_id","at") WHERE "ledger"."buyer_id" is not null and "ledger"."sale_id" is null;--> statement-breakpoint
CREATE INDEX "ledger_supplier" ON "ledger" USING btree ("supplier_id","at") WHERE "ledger"."supplier_id" is not null and "ledger"."sale_id" is null;--> statement-breakpoint
CREATE FUNCTION "refuse_ledger_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'The ledger is never changed: an event is undone by another one.';
END
$$;
--> statement-breakpoint
CREATE TRIGGER "ledger_is_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "ledger" FOR EACH STATEMENT EXECUTE FUNCTION "refuse_ledger_change"();--> statement-breakpoint
CREATE TABLE "figures" (
	"hour" timestamp with time zone NOT NULL,
	"campaign_id" text NOT NULL,
	"supplier_id" text NOT NULL,
	"buyer_id" text NOT NULL,
	"currency" text NOT NULL,
	"accepted" integer NOT NULL,
	"unmatched" integer NOT NULL,
	"rejected" integer NOT NULL,
	"duplicates" integer NOT NULL,
	"sales" integer NOT NULL,
	"refused" integer NOT NULL,
	"returned" integer NOT NULL,
	"sold" numeric(18, 4) NOT NULL,
	"refunds" numeric(18, 4) NOT NULL,
	"payouts" numeric(18, 4) NOT NULL
);
--> statement-breakpoint
INSERT INTO "figures"
SELECT date_trunc('hour', "at", 'UTC'), "campaign_id", "supplier_id", "buyer_id", "currency", sum("accepted"), sum("unmatched"),
	sum("rejected"), sum("duplicates"), sum("sales"), 0, sum("returned"), sum("sold"), sum("refunds"), sum("payouts")
FROM (
	SELECT l."decided_at" AS "at", l."campaign_id", l."supplier_id", coalesce(first."buyer_id", '') AS "buyer_id", l."currency",
		(l."status" = 'ACCEPTED')::int AS "accepted", (l."status" = 'UNMATCHED')::int AS "unmatched",
		(l."status" = 'REJECTED')::int AS "rejected", (l."status" = 'DUPLICATE')::int AS "duplicates",
		0 AS "sales", 0 AS "returned", 0 AS "sold", 0 AS "refunds", 0 AS "payouts"
	FROM "leads" l
	LEFT JOIN "sales" first ON first."lead_id" = l."id" AND first."campaign_id" = l."campaign_id" AND first."status" = 'sold' AND first."place" = 1
	WHERE NOT l."is_test" AND l."status" <> 'PENDING'
	UNION ALL
	SELECT "sold_at", "campaign_id", "supplier_id", "buyer_id", "currency", 0, 0, 0, 0, 1, 0, "price", 0, "payout"
	FROM "sales" WHERE "status" IN ('sold', 'returned') AND NOT "is_test"
	UNION ALL
	SELECT "at", "campaign_id", "supplier_id", "buyer_id", "currency", 0, 0, 0, 0, 0, 1, 0, "buyer_amount", "supplier_amount"
	FROM "ledger" WHERE "kind" = 'return'
) counted
GROUP BY 1, 2, 3, 4, 5;
--> statement-breakpoint
ALTER TABLE "figures" ADD CONSTRAINT "figures_hour_campaign_id_supplier_id_buyer_id_currency_pk" PRIMARY KEY("hour","campaign_id","supplier_id","buyer_id","currency");--> statement-breakpoint
ANALYZE "figures", "ledger";
