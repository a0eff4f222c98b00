CREATE SCHEMA "running";
--> statement-breakpoint
CREATE TABLE "running"."outcomes" (
	"id" uuid PRIMARY KEY NOT NULL,
	"is_made" boolean NOT NULL,
	"began_at" timestamp with time zone DEFAULT now() NOT NULL
);
