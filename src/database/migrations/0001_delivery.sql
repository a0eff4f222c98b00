CREATE TABLE "deliveries" (
	"id" uuid NOT NULL,
	"campaign_id" text NOT NULL,
	"lead_id" uuid,
	"recipient" text NOT NULL,
	"event" text NOT NULL,
	"content_type" text NOT NULL,
	"body" text NOT NULL,
	"subject" text,
	"state" text NOT NULL,
	"attempts" integer NOT NULL,
	"next_at" timestamp with time zone NOT NULL,
	"asks" boolean DEFAULT false NOT NULL,
	"by_hand" boolean DEFAULT false NOT NULL,
	"lease" uuid,
	"give_up_at" timestamp with time zone NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"ended_at" timestamp with time zone,
	"verdict" text,
	"answered_price" numeric(18, 4),
	"reference" text,
	"reason" text,
	"last_failure" text,
	CONSTRAINT "deliveries_id_campaign_id_pk" PRIMARY KEY("id","campaign_id"),
	CONSTRAINT "deliveries_state" CHECK ("deliveries"."state" in ('pending', 'paused', 'delivered', 'rejected', 'dead')),
	CONSTRAINT "deliveries_ended" CHECK (("deliveries"."state" in ('pending', 'paused')) = ("deliveries"."ended_at" is null))
);
--> statement-breakpoint
CREATE TABLE "delivery_attempts" (
	"delivery_id" uuid NOT NULL,
	"campaign_id" text NOT NULL,
	"number" integer NOT NULL,
	"trigger" text NOT NULL,
	"started_at" timestamp with time zone NOT NULL,
	"duration_ms" integer NOT NULL,
	"http_status" integer,
	"failure" text,
	"excerpt" text,
	CONSTRAINT "delivery_attempts_delivery_id_campaign_id_number_pk" PRIMARY KEY("delivery_id","campaign_id","number")
);
--> statement-breakpoint
CREATE TABLE "deposits" (
	"id" uuid PRIMARY KEY NOT NULL,
	"buyer_id" text NOT NULL,
	"amount" numeric(18, 4) NOT NULL,
	"reference" text,
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "deposits_amount" CHECK ("deposits"."amount" > 0)
);
--> statement-breakpoint
CREATE TABLE "endpoints" (
	"recipient" text PRIMARY KEY NOT NULL,
	"breaker" text NOT NULL,
	"paused_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "signing_secrets" (
	"recipient" text NOT NULL,
	"id" uuid NOT NULL,
	"sealed" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone,
	CONSTRAINT "signing_secrets_recipient_id_pk" PRIMARY KEY("recipient","id")
);
--> statement-breakpoint
CREATE TABLE "webhooks" (
	"id" text PRIMARY KEY NOT NULL,
	"definition" jsonb NOT NULL,
	"archived_at" timestamp with time zone
);
--> statement-breakpoint
ALTER TABLE "leads" DROP CONSTRAINT "leads_status";--> statement-breakpoint
ALTER TABLE "leads" DROP CONSTRAINT "leads_accepted_has_buyer_and_money";--> statement-breakpoint
ALTER TABLE "suppression_lists" ADD COLUMN "kinds" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
CREATE INDEX "deliveries_due" ON "deliveries" USING btree ("campaign_id","recipient","next_at") WHERE "deliveries"."state" = 'pending';--> statement-breakpoint
CREATE INDEX "deliveries_lead" ON "deliveries" USING btree ("lead_id");--> statement-breakpoint
CREATE INDEX "deliveries_stopped" ON "deliveries" USING btree ("recipient","id") WHERE "deliveries"."state" in ('dead', 'paused');--> statement-breakpoint
CREATE INDEX "deposits_buyer" ON "deposits" USING btree ("buyer_id");--> statement-breakpoint
CREATE INDEX "leads_held" ON "leads" USING btree ("campaign_id","id") WHERE "leads"."status" = 'PENDING';--> statement-breakpoint
ALTER TABLE "leads" ADD CONSTRAINT "leads_status" CHECK ("leads"."status" in ('ACCEPTED', 'UNMATCHED', 'DUPLICATE', 'REJECTED', 'PENDING'));--> statement-breakpoint
ALTER TABLE "leads" ADD CONSTRAINT "leads_accepted_has_buyer_and_money" CHECK (("leads"."status" in ('ACCEPTED', 'PENDING')) = ("leads"."buyer_id" is not null and "leads"."price" is not null and "leads"."payout" is not null));