CREATE TABLE "figure_day_totals" (
	"day" timestamp with time zone NOT NULL,
	"campaign_id" text NOT NULL,
	"currency" text NOT NULL,
	"accepted" integer NOT NULL,
	"unmatched" integer NOT NULL,
	"rejected" integer NOT NULL,
	"duplicates" integer NOT NULL,
	"sales" integer NOT NULL,
	"refused" integer NOT NULL,
	"returned" integer NOT NULL,
	"sold" numeric(18, 4) NOT NULL,
	"refunds" numeric(18, 4) NOT NULL,
	"payouts" numeric(18, 4) NOT NULL,
	CONSTRAINT "figure_day_totals_day_campaign_id_currency_pk" PRIMARY KEY("day","campaign_id","currency")
);
--> statement-breakpoint
CREATE TABLE "figure_days" (
	"day" timestamp with time zone NOT NULL,
	"campaign_id" text NOT NULL,
	"supplier_id" text NOT NULL,
	"buyer_id" text NOT NULL,
	"currency" text NOT NULL,
	"accepted" integer NOT NULL,
	"unmatched" integer NOT NULL,
	"rejected" integer NOT NULL,
	"duplicates" integer NOT NULL,
	"sales" integer NOT NULL,
	"refused" integer NOT NULL,
	"returned" integer NOT NULL,
	"sold" numeric(18, 4) NOT NULL,
	"refunds" numeric(18, 4) NOT NULL,
	"payouts" numeric(18, 4) NOT NULL,
	CONSTRAINT "figure_days_day_campaign_id_supplier_id_buyer_id_currency_pk" PRIMARY KEY("day","campaign_id","supplier_id","buyer_id","currency")
);
