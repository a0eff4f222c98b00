CREATE TABLE "simulated_leads" (
	"simulation_id" uuid NOT NULL,
	"lead_id" uuid NOT NULL,
	"compared" text NOT NULL,
	CONSTRAINT "simulated_leads_simulation_id_lead_id_pk" PRIMARY KEY("simulation_id","lead_id")
);
--> statement-breakpoint
CREATE TABLE "simulations" (
	"id" uuid PRIMARY KEY NOT NULL,
	"state" text NOT NULL,
	"document" text NOT NULL,
	"since" timestamp with time zone NOT NULL,
	"until" timestamp with time zone NOT NULL,
	"campaigns" text[],
	"requested_at" timestamp with time zone NOT NULL,
	"requested_by" text NOT NULL,
	"started_at" timestamp with time zone,
	"finished_at" timestamp with time zone,
	"lease" uuid,
	"lease_until" timestamp with time zone,
	"leads" integer DEFAULT 0 NOT NULL,
	"of_leads" integer,
	"result" text,
	"failure" text,
	CONSTRAINT "simulations_state" CHECK ("simulations"."state" in ('waiting', 'running', 'done', 'stopped', 'failed')),
	CONSTRAINT "simulations_lease" CHECK (("simulations"."state" = 'running') = ("simulations"."lease" is not null))
);
--> statement-breakpoint
ALTER TABLE "simulated_leads" ADD CONSTRAINT "simulated_leads_simulation_id_simulations_id_fk" FOREIGN KEY ("simulation_id") REFERENCES "public"."simulations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "simulations_running" ON "simulations" USING btree ("state") WHERE "simulations"."state" = 'running';