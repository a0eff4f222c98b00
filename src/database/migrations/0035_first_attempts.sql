ALTER TABLE "deliveries" ADD COLUMN "first_started_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "deliveries" ADD COLUMN "first_duration_ms" integer;--> statement-breakpoint
ALTER TABLE "deliveries" ADD COLUMN "first_http_status" integer;--> statement-breakpoint
ALTER TABLE "deliveries" ADD COLUMN "first_excerpt" text;