CREATE TABLE "operator_login_links" (
	"sha256" "bytea" PRIMARY KEY NOT NULL,
	"person_id" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "operator_people" (
	"id" text PRIMARY KEY NOT NULL,
	"email" text NOT NULL,
	"name" text NOT NULL,
	"role" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"removed_at" timestamp with time zone,
	"last_login_at" timestamp with time zone
);
--> statement-breakpoint
ALTER TABLE "operator_sessions" ADD COLUMN "person_id" text;--> statement-breakpoint
ALTER TABLE "operator_login_links" ADD CONSTRAINT "operator_login_links_person_id_operator_people_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."operator_people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "operator_people_email" ON "operator_people" USING btree ("email") WHERE "operator_people"."removed_at" is null;--> statement-breakpoint
ALTER TABLE "operator_sessions" ADD CONSTRAINT "operator_sessions_person_id_operator_people_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."operator_people"("id") ON DELETE no action ON UPDATE no action;