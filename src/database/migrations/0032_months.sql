-- Leads, deliveries and their attempts grow without end, and what is added, read and one day dropped is mostly of one month. Each is kept in
-- parts by the month of its UUIDv7, which src/database/month-records.ts makes ahead; the parts are in a schema of their own. What stays whole:
-- sales are events of the ledger, which is never dropped, and are looked up by their lead, in whose order they stand; of the ledger no sale
-- may be undone twice, and a unique index over all parts would need the month of the row beside the sale; lead_keys and idempotency_keys
-- are looked up by keys that say no time; lead_updates are few.
-- Here the tables of so far become the parts that take whatever no month does, which looks at no row and takes milliseconds. What they
-- hold is made the part of everything before the next month behind this, while leads go on: see "keepMonths".
CREATE SCHEMA "months";
--> statement-breakpoint
ALTER TABLE "leads" SET SCHEMA "months";--> statement-breakpoint
ALTER TABLE "months"."leads" RENAME TO "leads_later";--> statement-breakpoint
CREATE TABLE "leads" (LIKE "months"."leads_later" INCLUDING DEFAULTS INCLUDING CONSTRAINTS) PARTITION BY RANGE ("id");--> statement-breakpoint
ALTER TABLE "leads" ADD CONSTRAINT "leads_id_campaign_id_pk" PRIMARY KEY("id","campaign_id");--> statement-breakpoint
CREATE INDEX "leads_decided" ON "leads" USING btree ("decided_at");--> statement-breakpoint
CREATE INDEX "leads_first_decided" ON "leads" USING btree ("first_decided_at") WHERE "leads"."first_decided_at" is not null;--> statement-breakpoint
CREATE INDEX "leads_put_aside" ON "leads" USING btree ("campaign_id","decided_at") WHERE "leads"."status" = 'HELD';--> statement-breakpoint
CREATE INDEX "leads_held" ON "leads" USING btree ("campaign_id","id") WHERE "leads"."status" = 'PENDING';--> statement-breakpoint
ALTER TABLE "leads" ATTACH PARTITION "months"."leads_later" DEFAULT;--> statement-breakpoint
ALTER TABLE "deliveries" SET SCHEMA "months";--> statement-breakpoint
ALTER TABLE "months"."deliveries" RENAME TO "deliveries_later";--> statement-breakpoint
CREATE TABLE "deliveries" (LIKE "months"."deliveries_later" INCLUDING DEFAULTS INCLUDING CONSTRAINTS) PARTITION BY RANGE ("id");--> statement-breakpoint
ALTER TABLE "deliveries" ADD CONSTRAINT "deliveries_id_campaign_id_pk" PRIMARY KEY("id","campaign_id");--> statement-breakpoint
CREATE INDEX "deliveries_to_erase" ON "deliveries" USING btree ("campaign_id","id") WHERE "deliveries"."erase_when_ended" and "deliveries"."erased_at" is null;--> statement-breakpoint
CREATE INDEX "deliveries_due" ON "deliveries" USING btree ("campaign_id","recipient","next_at") WHERE "deliveries"."state" = 'pending';--> statement-breakpoint
CREATE INDEX "deliveries_lead" ON "deliveries" USING btree ("lead_id");--> statement-breakpoint
CREATE INDEX "deliveries_refused" ON "deliveries" USING btree ("campaign_id","id") WHERE "deliveries"."refusal_due";--> statement-breakpoint
CREATE INDEX "deliveries_stopped" ON "deliveries" USING btree ("recipient","id") WHERE "deliveries"."state" in ('dead', 'paused');--> statement-breakpoint
ALTER TABLE "deliveries" ATTACH PARTITION "months"."deliveries_later" DEFAULT;--> statement-breakpoint
ALTER TABLE "delivery_attempts" SET SCHEMA "months";--> statement-breakpoint
ALTER TABLE "months"."delivery_attempts" RENAME TO "delivery_attempts_later";--> statement-breakpoint
CREATE TABLE "delivery_attempts" (LIKE "months"."delivery_attempts_later" INCLUDING DEFAULTS INCLUDING CONSTRAINTS) PARTITION BY RANGE ("delivery_id");--> statement-breakpoint
ALTER TABLE "delivery_attempts" ADD CONSTRAINT "delivery_attempts_delivery_id_campaign_id_number_pk" PRIMARY KEY("delivery_id","campaign_id","number");--> statement-breakpoint
ALTER TABLE "delivery_attempts" ATTACH PARTITION "months"."delivery_attempts_later" DEFAULT;
