CREATE TABLE "unsealed" (
	"part" text PRIMARY KEY NOT NULL
);
--> statement-breakpoint
-- Secrets in headers and URLs are sealed by the program, which alone has the master key: these are the tables in which it looks for some.
INSERT INTO "unsealed" ("part")
SELECT part FROM unnest(ARRAY['configurations', 'archived_entries', 'buyers', 'webhooks', 'campaigns', 'history']) AS part
WHERE EXISTS (SELECT FROM "configurations");
