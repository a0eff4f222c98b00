ALTER TABLE "supplier_keys" ADD COLUMN "shown_in" text DEFAULT 'header' NOT NULL;--> statement-breakpoint
ALTER TABLE "supplier_keys" ADD COLUMN "campaign_id" text;