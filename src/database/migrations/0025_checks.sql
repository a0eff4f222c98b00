CREATE TABLE "check_answers" (
	"key" uuid NOT NULL,
	"campaign_id" text NOT NULL,
	"lead_id" uuid NOT NULL,
	"answer" json NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	CONSTRAINT "check_answers_key_campaign_id_pk" PRIMARY KEY("key","campaign_id")
);
--> statement-breakpoint
CREATE TABLE "check_usage" (
	"campaign_id" text NOT NULL,
	"check_id" text NOT NULL,
	"day" integer NOT NULL,
	"asked" integer NOT NULL,
	CONSTRAINT "check_usage_campaign_id_check_id_day_pk" PRIMARY KEY("campaign_id","check_id","day")
);
--> statement-breakpoint
ALTER TABLE "leads" ADD COLUMN "checks" json;--> statement-breakpoint
CREATE INDEX "check_answers_lead" ON "check_answers" USING btree ("lead_id");--> statement-breakpoint
CREATE INDEX "check_answers_expires" ON "check_answers" USING btree ("expires_at");--> statement-breakpoint
UPDATE "campaigns" SET "definition" = '{"check_budget_ms": 2000, "checks": []}' || "definition";
