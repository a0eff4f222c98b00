ALTER TABLE "deliveries" ADD COLUMN "refusal_due" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "sales" ADD COLUMN "pays_for_lead" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "sales" ADD COLUMN "keeps_payout" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "sales" ADD COLUMN "keeps_cap" boolean DEFAULT false NOT NULL;--> statement-breakpoint
CREATE INDEX "deliveries_refused" ON "deliveries" USING btree ("campaign_id","id") WHERE "deliveries"."refusal_due";--> statement-breakpoint
UPDATE "campaigns" SET "definition" = jsonb_set("definition", '{buyers}', (
	SELECT coalesce(jsonb_agg('{"on_refusal": "next_buyer", "refusal_minutes": 60}' || contract ORDER BY place), '[]')
	FROM jsonb_array_elements("definition" -> 'buyers') WITH ORDINALITY AS each (contract, place)
));
