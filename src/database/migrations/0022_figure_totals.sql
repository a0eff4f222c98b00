CREATE TABLE "figure_totals" (
	"hour" timestamp with time zone NOT NULL,
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
	CONSTRAINT "figure_totals_hour_campaign_id_currency_pk" PRIMARY KEY("hour","campaign_id","currency")
);--> statement-breakpoint
INSERT INTO "figure_totals"
SELECT "hour", "campaign_id", "currency", sum("accepted"), sum("unmatched"), sum("rejected"), sum("duplicates"), sum("sales"),
	sum("refused"), sum("returned"), sum("sold"), sum("refunds"), sum("payouts")
FROM "figures"
GROUP BY 1, 2, 3;--> statement-breakpoint
ANALYZE "figure_totals";
