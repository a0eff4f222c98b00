CREATE TABLE "conversions" (
	"id" text PRIMARY KEY NOT NULL,
	"definition" jsonb NOT NULL,
	"archived_at" timestamp with time zone
);
