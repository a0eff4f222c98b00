CREATE TABLE "invoices" (
	"number" integer PRIMARY KEY NOT NULL,
	"buyer_id" text NOT NULL,
	"month" text NOT NULL,
	"from_at" timestamp with time zone NOT NULL,
	"to_at" timestamp with time zone NOT NULL,
	"currency" text NOT NULL,
	"sales" integer NOT NULL,
	"sold" numeric(18, 4) NOT NULL,
	"refunded" integer NOT NULL,
	"refunds" numeric(18, 4) NOT NULL,
	"adjusted" numeric(18, 4) NOT NULL,
	"total" numeric(18, 4) NOT NULL,
	"issued_at" timestamp with time zone NOT NULL,
	"due_at" timestamp with time zone NOT NULL,
	"paid_at" timestamp with time zone,
	"payment_id" uuid
);
--> statement-breakpoint
CREATE UNIQUE INDEX "invoices_buyer" ON "invoices" USING btree ("buyer_id","month","currency");--> statement-breakpoint
CREATE INDEX "invoices_unpaid" ON "invoices" USING btree ("buyer_id","due_at") WHERE "invoices"."paid_at" is null;