ALTER TABLE "leads" DROP CONSTRAINT "leads_status";--> statement-breakpoint
CREATE INDEX "leads_put_aside" ON "leads" USING btree ("campaign_id","decided_at") WHERE "leads"."status" = 'HELD';--> statement-breakpoint
ALTER TABLE "leads" ADD CONSTRAINT "leads_status" CHECK ("leads"."status" in ('ACCEPTED', 'UNMATCHED', 'DUPLICATE', 'REJECTED', 'PENDING', 'RETURNED', 'HELD'));--> statement-breakpoint
UPDATE "campaigns" SET "definition" = '{"hold_hours": 72}' || "definition";
