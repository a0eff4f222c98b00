CREATE TABLE "buyer_counters" (
	"buyer_id" text PRIMARY KEY NOT NULL,
	"hour_start" timestamp with time zone NOT NULL,
	"hour_leads" integer NOT NULL,
	"hour_amount" numeric(18, 4) NOT NULL,
	"day_start" timestamp with time zone NOT NULL,
	"day_leads" integer NOT NULL,
	"day_amount" numeric(18, 4) NOT NULL,
	"week_start" timestamp with time zone NOT NULL,
	"week_leads" integer NOT NULL,
	"week_amount" numeric(18, 4) NOT NULL,
	"month_start" timestamp with time zone NOT NULL,
	"month_leads" integer NOT NULL,
	"month_amount" numeric(18, 4) NOT NULL,
	"total_leads" bigint NOT NULL,
	"total_amount" numeric(18, 4) NOT NULL,
	"balance" numeric(18, 4) NOT NULL
);
--> statement-breakpoint
CREATE TABLE "buyer_duplicate_keys" (
	"key" uuid NOT NULL,
	"buyer_id" text NOT NULL,
	"lead_id" uuid NOT NULL,
	"counted_at" timestamp with time zone NOT NULL,
	CONSTRAINT "buyer_duplicate_keys_key_buyer_id_pk" PRIMARY KEY("key","buyer_id")
);
--> statement-breakpoint
CREATE TABLE "buyers" (
	"id" text PRIMARY KEY NOT NULL,
	"definition" jsonb NOT NULL,
	"archived_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "campaign_counters" (
	"campaign_id" text NOT NULL,
	"party" text NOT NULL,
	"party_id" text NOT NULL,
	"hour_start" timestamp with time zone NOT NULL,
	"hour_leads" integer NOT NULL,
	"hour_amount" numeric(18, 4) NOT NULL,
	"day_start" timestamp with time zone NOT NULL,
	"day_leads" integer NOT NULL,
	"day_amount" numeric(18, 4) NOT NULL,
	"week_start" timestamp with time zone NOT NULL,
	"week_leads" integer NOT NULL,
	"week_amount" numeric(18, 4) NOT NULL,
	"month_start" timestamp with time zone NOT NULL,
	"month_leads" integer NOT NULL,
	"month_amount" numeric(18, 4) NOT NULL,
	"total_leads" bigint NOT NULL,
	"total_amount" numeric(18, 4) NOT NULL,
	"last_turn" bigint NOT NULL,
	"owed" double precision NOT NULL,
	CONSTRAINT "campaign_counters_campaign_id_party_party_id_pk" PRIMARY KEY("campaign_id","party","party_id"),
	CONSTRAINT "campaign_counters_party" CHECK ("campaign_counters"."party" in ('contract', 'supplier'))
);
--> statement-breakpoint
CREATE TABLE "campaigns" (
	"id" text PRIMARY KEY NOT NULL,
	"revision" integer NOT NULL,
	"definition" jsonb NOT NULL,
	"archived_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "configurations" (
	"revision" integer PRIMARY KEY NOT NULL,
	"document" text NOT NULL,
	"applied_at" timestamp with time zone NOT NULL,
	"applied_by" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "duplicate_keys" (
	"key" uuid NOT NULL,
	"campaign_id" text NOT NULL,
	"lead_id" uuid NOT NULL,
	"buyer_id" text,
	"counted_at" timestamp with time zone NOT NULL,
	CONSTRAINT "duplicate_keys_key_campaign_id_pk" PRIMARY KEY("key","campaign_id")
);
--> statement-breakpoint
CREATE TABLE "idempotency_keys" (
	"key" uuid NOT NULL,
	"campaign_id" text NOT NULL,
	"request_hash" uuid NOT NULL,
	"http_status" smallint NOT NULL,
	"answer" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "idempotency_keys_key_campaign_id_pk" PRIMARY KEY("key","campaign_id")
);
--> statement-breakpoint
CREATE TABLE "leads" (
	"id" uuid NOT NULL,
	"campaign_id" text NOT NULL,
	"supplier_id" text NOT NULL,
	"status" text NOT NULL,
	"reason" text,
	"buyer_id" text,
	"is_test" boolean NOT NULL,
	"duplicate_of" uuid,
	"price" numeric(18, 4),
	"payout" numeric(18, 4),
	"currency" text NOT NULL,
	"revision" integer NOT NULL,
	"decided_at" timestamp with time zone NOT NULL,
	"request_id" text NOT NULL,
	"fields" jsonb NOT NULL,
	"sent" json,
	"trace" json NOT NULL,
	CONSTRAINT "leads_id_campaign_id_pk" PRIMARY KEY("id","campaign_id"),
	CONSTRAINT "leads_status" CHECK ("leads"."status" in ('ACCEPTED', 'UNMATCHED', 'DUPLICATE', 'REJECTED')),
	CONSTRAINT "leads_accepted_has_buyer_and_money" CHECK (("leads"."status" = 'ACCEPTED') = ("leads"."buyer_id" is not null and "leads"."price" is not null and "leads"."payout" is not null))
);
--> statement-breakpoint
CREATE TABLE "supplier_keys" (
	"id" text PRIMARY KEY NOT NULL,
	"supplier_id" text NOT NULL,
	"sha256" "bytea" NOT NULL,
	"prefix" text NOT NULL,
	"name" text,
	"created_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone,
	"revoked_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "suppliers" (
	"id" text PRIMARY KEY NOT NULL,
	"definition" jsonb NOT NULL,
	"archived_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "suppression_entries" (
	"key" uuid NOT NULL,
	"list_id" text NOT NULL,
	"added_at" timestamp with time zone NOT NULL,
	CONSTRAINT "suppression_entries_key_list_id_pk" PRIMARY KEY("key","list_id")
);
--> statement-breakpoint
CREATE TABLE "suppression_lists" (
	"id" text PRIMARY KEY NOT NULL,
	"definition" jsonb NOT NULL,
	"archived_at" timestamp with time zone
);
--> statement-breakpoint
ALTER TABLE "supplier_keys" ADD CONSTRAINT "supplier_keys_supplier_id_suppliers_id_fk" FOREIGN KEY ("supplier_id") REFERENCES "public"."suppliers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "idempotency_keys_created" ON "idempotency_keys" USING btree ("created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "supplier_keys_sha256" ON "supplier_keys" USING btree ("sha256");--> statement-breakpoint
CREATE INDEX "supplier_keys_supplier" ON "supplier_keys" USING btree ("supplier_id");--> statement-breakpoint
CREATE INDEX "suppression_entries_list" ON "suppression_entries" USING btree ("list_id");