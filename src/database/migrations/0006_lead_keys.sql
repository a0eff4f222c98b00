ALTER TABLE "duplicate_keys" RENAME TO "lead_keys";--> statement-breakpoint
ALTER TABLE "lead_keys" DROP CONSTRAINT "duplicate_keys_key_campaign_id_pk";--> statement-breakpoint
-- By these the people of the leads so far are found on: the others are made of values that only the program can hash. The nil UUID stood for nothing to hash.
INSERT INTO "lead_keys" ("key", "campaign_id", "lead_id", "counted_at")
SELECT found."key", l."campaign_id", l."id", l."decided_at"
FROM "leads" l, unnest(ARRAY[l."phone_key", l."email_key"]) AS found ("key")
WHERE found."key" <> '00000000-0000-0000-0000-000000000000';
--> statement-breakpoint
CREATE INDEX "lead_keys_key" ON "lead_keys" USING btree ("key","counted_at");--> statement-breakpoint
ANALYZE "lead_keys";--> statement-breakpoint
CREATE TABLE "unkeyed_leads" (
	"lead_id" uuid NOT NULL,
	"campaign_id" text NOT NULL,
	CONSTRAINT "unkeyed_leads_lead_id_campaign_id_pk" PRIMARY KEY("lead_id","campaign_id")
);
--> statement-breakpoint
INSERT INTO "unkeyed_leads" ("lead_id", "campaign_id")
SELECT "id", "campaign_id" FROM "leads" WHERE "phone_key" IS NULL AND "email_key" IS NULL AND "erased_at" IS NULL;
--> statement-breakpoint
ALTER TABLE "erasures" ADD COLUMN "campaign_keys" uuid[];--> statement-breakpoint
ALTER TABLE "erasures" DROP CONSTRAINT "erasures_done";--> statement-breakpoint
ALTER TABLE "erasures" ADD CONSTRAINT "erasures_done" CHECK (("erasures"."state" = 'done') = ("erasures"."finished_at" is not null and "erasures"."phone_key" is null and "erasures"."email_key" is null
        and "erasures"."campaign_keys" is null));--> statement-breakpoint
DROP INDEX "leads_phone";--> statement-breakpoint
DROP INDEX "leads_email";--> statement-breakpoint
DROP INDEX "leads_unkeyed";--> statement-breakpoint
ALTER TABLE "leads" DROP COLUMN "phone_key";--> statement-breakpoint
ALTER TABLE "leads" DROP COLUMN "email_key";
