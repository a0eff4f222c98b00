CREATE TABLE "returns" (
	"id" uuid NOT NULL,
	"campaign_id" text NOT NULL,
	"lead_id" uuid NOT NULL,
	"sale_id" uuid NOT NULL,
	"buyer_id" text NOT NULL,
	"reason" text NOT NULL,
	"note" text,
	"status" text NOT NULL,
	"amount" numeric(18, 4) NOT NULL,
	"currency" text NOT NULL,
	"asked_at" timestamp with time zone NOT NULL,
	"asked_by" text NOT NULL,
	"accept_at" timestamp with time zone,
	"decided_at" timestamp with time zone,
	"decided_by" text,
	"decision_note" text,
	CONSTRAINT "returns_id_campaign_id_pk" PRIMARY KEY("id","campaign_id"),
	CONSTRAINT "returns_status" CHECK ("returns"."status" in ('pending', 'accepted', 'rejected')),
	CONSTRAINT "returns_decided" CHECK (("returns"."status" = 'pending') = ("returns"."decided_at" is null))
);
--> statement-breakpoint
CREATE UNIQUE INDEX "returns_sale" ON "returns" USING btree ("sale_id","campaign_id");--> statement-breakpoint
CREATE INDEX "returns_lead" ON "returns" USING btree ("lead_id");--> statement-breakpoint
CREATE INDEX "returns_buyer" ON "returns" USING btree ("buyer_id","asked_at");--> statement-breakpoint
CREATE INDEX "returns_due" ON "returns" USING btree ("accept_at") WHERE "returns"."status" = 'pending' and "returns"."accept_at" is not null;--> statement-breakpoint
UPDATE "buyers" SET "definition" = '{"self_service": {"pause": true, "caps": false}}' || "definition" || '{"returns": {"allowed": true, "window_days": 7, "max_percent": 20, "auto_accept_hours": 0, "reasons": ["bad_contact", "wrong_vertical", "duplicate", "tcpa_risk", "out_of_area", "other"]}}';--> statement-breakpoint
UPDATE "campaigns" SET "definition" = '{"show_buyers": true}' || "definition" || '{"returns": {"payout": "reverse", "cap": "keep"}}' || jsonb_build_object('buyers', (
	SELECT coalesce(jsonb_agg(contract || '{"returns": null}' || jsonb_build_object('buyer', '{"self_service": {"pause": true, "caps": false}}' || (contract -> 'buyer') ||
		'{"returns": {"allowed": true, "window_days": 7, "max_percent": 20, "auto_accept_hours": 0, "reasons": ["bad_contact", "wrong_vertical", "duplicate", "tcpa_risk", "out_of_area", "other"]}}') ORDER BY place), '[]')
	FROM jsonb_array_elements("definition" -> 'buyers') WITH ORDINALITY AS each (contract, place)
));
