CREATE TABLE "buyer_grants" (
	"buyer_id" text NOT NULL,
	"measure" text NOT NULL,
	"edition" uuid NOT NULL,
	"campaign_id" text NOT NULL,
	"period_start" timestamp with time zone NOT NULL,
	"granted" bigint NOT NULL,
	"given_back" bigint NOT NULL,
	CONSTRAINT "buyer_grants_buyer_id_campaign_id_measure_pk" PRIMARY KEY("buyer_id","campaign_id","measure")
);
--> statement-breakpoint
CREATE TABLE "buyer_limits" (
	"buyer_id" text NOT NULL,
	"measure" text NOT NULL,
	"edition" uuid NOT NULL,
	"units" bigint NOT NULL,
	CONSTRAINT "buyer_limits_buyer_id_measure_pk" PRIMARY KEY("buyer_id","measure")
);
--> statement-breakpoint
CREATE TABLE "buyer_shares" (
	"buyer_id" text NOT NULL,
	"measure" text NOT NULL,
	"edition" uuid NOT NULL,
	"campaign_id" text NOT NULL,
	"period_start" timestamp with time zone NOT NULL,
	"granted" bigint NOT NULL,
	"given_back" bigint NOT NULL,
	CONSTRAINT "buyer_shares_campaign_id_buyer_id_measure_pk" PRIMARY KEY("campaign_id","buyer_id","measure")
);
--> statement-breakpoint
CREATE INDEX "buyer_shares_buyer" ON "buyer_shares" USING btree ("buyer_id");