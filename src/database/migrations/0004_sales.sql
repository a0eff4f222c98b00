CREATE TABLE "sales" (
	"id" uuid NOT NULL,
	"campaign_id" text NOT NULL,
	"lead_id" uuid NOT NULL,
	"buyer_id" text NOT NULL,
	"place" smallint NOT NULL,
	"status" text NOT NULL,
	"price" numeric(18, 4) NOT NULL,
	"payout" numeric(18, 4) NOT NULL,
	"currency" text NOT NULL,
	"sold_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
-- The first sale stood in the lead's row, the others beside it. The ids are made as if at the lead's arrival: its first 48 bits, and version 7.
INSERT INTO "sales" ("id", "campaign_id", "lead_id", "buyer_id", "place", "status", "price", "payout", "currency", "sold_at")
SELECT overlay(overlay(gen_random_uuid()::text placing substr(l."id"::text, 1, 13) from 1) placing '7' from 15)::uuid,
	l."campaign_id", l."id", s."buyer_id", s."place", CASE l."status" WHEN 'PENDING' THEN 'reserved' ELSE 'sold' END,
	s."price", s."payout", l."currency", l."decided_at"
FROM "leads" l
JOIN (
	SELECT "id" AS "lead_id", "campaign_id", "buyer_id", 1::smallint AS "place", "price", "payout" FROM "leads" WHERE "buyer_id" IS NOT NULL
	UNION ALL
	SELECT "lead_id", "campaign_id", "buyer_id", "place", "price", "payout" FROM "further_sales"
) s ON s."lead_id" = l."id" AND s."campaign_id" = l."campaign_id"
ORDER BY l."id", s."place";
--> statement-breakpoint
ALTER TABLE "sales" ADD CONSTRAINT "sales_lead_id_campaign_id_id_pk" PRIMARY KEY("lead_id","campaign_id","id");--> statement-breakpoint
ALTER TABLE "sales" ADD CONSTRAINT "sales_status" CHECK ("sales"."status" in ('reserved', 'sold', 'refused', 'returned'));--> statement-breakpoint
ANALYZE "sales";--> statement-breakpoint
DROP TABLE "further_sales";--> statement-breakpoint
ALTER TABLE "leads" DROP CONSTRAINT "leads_accepted_has_buyer_and_money";--> statement-breakpoint
ALTER TABLE "leads" DROP COLUMN "buyer_id";--> statement-breakpoint
ALTER TABLE "leads" DROP COLUMN "price";--> statement-breakpoint
ALTER TABLE "leads" DROP COLUMN "payout";
