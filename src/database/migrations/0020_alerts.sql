CREATE TABLE "alerts" (
	"key" text PRIMARY KEY NOT NULL,
	"at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE INDEX "alerts_at" ON "alerts" USING btree ("at");