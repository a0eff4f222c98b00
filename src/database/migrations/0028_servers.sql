CREATE TABLE "running"."owners" (
	"campaign_id" text PRIMARY KEY NOT NULL,
	"server_id" uuid NOT NULL,
	"ends_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "running"."servers" (
	"id" uuid PRIMARY KEY NOT NULL,
	"version" text NOT NULL,
	"host" text NOT NULL,
	"socket" text NOT NULL,
	"address" text,
	"copy" integer,
	"started_at" timestamp with time zone NOT NULL,
	"seen_at" timestamp with time zone NOT NULL,
	"queue" integer NOT NULL,
	"leads_per_second" double precision NOT NULL
);
