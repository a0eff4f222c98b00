CREATE TABLE "scheduled_reports" (
	"id" text PRIMARY KEY NOT NULL,
	"definition" jsonb NOT NULL,
	"archived_at" timestamp with time zone,
	"due_at" timestamp with time zone
);
