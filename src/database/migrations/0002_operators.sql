CREATE TABLE "archived_entries" (
	"kind" text NOT NULL,
	"id" text NOT NULL,
	"entry" text NOT NULL,
	CONSTRAINT "archived_entries_kind_id_pk" PRIMARY KEY("kind","id")
);
--> statement-breakpoint
CREATE TABLE "erasures" (
	"id" uuid PRIMARY KEY NOT NULL,
	"phone_key" uuid,
	"email_key" uuid,
	"suppress_on" text,
	"state" text NOT NULL,
	"requested_by" text NOT NULL,
	"requested_at" timestamp with time zone NOT NULL,
	"finished_at" timestamp with time zone,
	"leads" integer DEFAULT 0 NOT NULL,
	"deliveries" integer DEFAULT 0 NOT NULL,
	"cancelled" integer DEFAULT 0 NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"updates" integer DEFAULT 0 NOT NULL,
	"duplicate_keys" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "erasures_state" CHECK ("erasures"."state" in ('running', 'done')),
	CONSTRAINT "erasures_done" CHECK (("erasures"."state" = 'done') = ("erasures"."finished_at" is not null and "erasures"."phone_key" is null and "erasures"."email_key" is null))
);
--> statement-breakpoint
CREATE TABLE "further_sales" (
	"lead_id" uuid NOT NULL,
	"campaign_id" text NOT NULL,
	"buyer_id" text NOT NULL,
	"place" smallint NOT NULL,
	"price" numeric(18, 4) NOT NULL,
	"payout" numeric(18, 4) NOT NULL,
	CONSTRAINT "further_sales_lead_id_campaign_id_buyer_id_pk" PRIMARY KEY("lead_id","campaign_id","buyer_id")
);
--> statement-breakpoint
CREATE TABLE "history" (
	"id" uuid PRIMARY KEY NOT NULL,
	"revision" integer,
	"at" timestamp with time zone NOT NULL,
	"by" text NOT NULL,
	"via" text NOT NULL,
	"restored" integer,
	"about" text[] NOT NULL,
	"changes" text NOT NULL,
	CONSTRAINT "history_via" CHECK ("history"."via" in ('document', 'resource', 'rollback', 'operation'))
);
--> statement-breakpoint
CREATE TABLE "lead_updates" (
	"id" uuid NOT NULL,
	"campaign_id" text NOT NULL,
	"lead_id" uuid NOT NULL,
	"supplier_id" text NOT NULL,
	"outcome" text NOT NULL,
	"revenue" numeric(18, 4),
	"sales_rep" text,
	"speed_to_lead_seconds" integer,
	"call_duration_seconds" integer,
	"note" text,
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "lead_updates_id_campaign_id_pk" PRIMARY KEY("id","campaign_id")
);
--> statement-breakpoint
CREATE TABLE "operator_keys" (
	"id" text PRIMARY KEY NOT NULL,
	"sha256" "bytea" NOT NULL,
	"prefix" text NOT NULL,
	"name" text NOT NULL,
	"role" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone,
	"revoked_at" timestamp with time zone,
	"last_used_at" timestamp with time zone,
	CONSTRAINT "operator_keys_role" CHECK ("operator_keys"."role" in ('read', 'operate', 'admin'))
);
--> statement-breakpoint
CREATE TABLE "redeemed_pings" (
	"id" uuid NOT NULL,
	"campaign_id" text NOT NULL,
	"lead_id" uuid NOT NULL,
	"bids" json NOT NULL,
	"redeemed_at" timestamp with time zone NOT NULL,
	CONSTRAINT "redeemed_pings_id_campaign_id_pk" PRIMARY KEY("id","campaign_id")
);
--> statement-breakpoint
CREATE TABLE "retention" (
	"days" integer PRIMARY KEY NOT NULL,
	"campaigns" text[] NOT NULL,
	"decided_at" timestamp with time zone NOT NULL,
	"lead_id" uuid NOT NULL
);
--> statement-breakpoint
ALTER TABLE "deliveries" ADD COLUMN "trace" text;--> statement-breakpoint
ALTER TABLE "deliveries" ADD COLUMN "erase_when_ended" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "deliveries" ADD COLUMN "erased_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "leads" ADD COLUMN "phone_key" uuid;--> statement-breakpoint
ALTER TABLE "leads" ADD COLUMN "email_key" uuid;--> statement-breakpoint
ALTER TABLE "leads" ADD COLUMN "erased_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "supplier_keys" ADD COLUMN "last_used_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "suppression_entries" ADD COLUMN "edition" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "suppression_lists" ADD COLUMN "edition" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX "erasures_running" ON "erasures" USING btree ("id") WHERE "erasures"."state" = 'running';--> statement-breakpoint
CREATE INDEX "history_revision" ON "history" USING btree ("revision");--> statement-breakpoint
CREATE INDEX "lead_updates_lead" ON "lead_updates" USING btree ("lead_id");--> statement-breakpoint
CREATE UNIQUE INDEX "operator_keys_sha256" ON "operator_keys" USING btree ("sha256");--> statement-breakpoint
CREATE INDEX "redeemed_pings_lead" ON "redeemed_pings" USING btree ("lead_id");--> statement-breakpoint
CREATE INDEX "redeemed_pings_redeemed" ON "redeemed_pings" USING btree ("redeemed_at");--> statement-breakpoint
CREATE INDEX "deliveries_to_erase" ON "deliveries" USING btree ("campaign_id","id") WHERE "deliveries"."erase_when_ended" and "deliveries"."erased_at" is null;--> statement-breakpoint
CREATE INDEX "leads_phone" ON "leads" USING btree ("phone_key") WHERE "leads"."phone_key" is not null;--> statement-breakpoint
CREATE INDEX "leads_email" ON "leads" USING btree ("email_key") WHERE "leads"."email_key" is not null;--> statement-breakpoint
CREATE INDEX "leads_unkeyed" ON "leads" USING btree ("campaign_id","id") WHERE "leads"."phone_key" is null and "leads"."email_key" is null and "leads"."erased_at" is null;--> statement-breakpoint
CREATE INDEX "leads_decided" ON "leads" USING btree ("decided_at");