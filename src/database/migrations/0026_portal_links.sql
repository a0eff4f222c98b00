CREATE TABLE "portal_links" (
	"id" text PRIMARY KEY NOT NULL,
	"supplier_id" text,
	"buyer_id" text,
	"sha256" "bytea" NOT NULL,
	"email" text,
	"once" boolean NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"revoked_at" timestamp with time zone,
	"used_at" timestamp with time zone,
	CONSTRAINT "portal_links_party" CHECK (("portal_links"."supplier_id" is null) <> ("portal_links"."buyer_id" is null))
);
--> statement-breakpoint
CREATE TABLE "portal_sessions" (
	"sha256" "bytea" PRIMARY KEY NOT NULL,
	"link_id" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "portal_links" ADD CONSTRAINT "portal_links_supplier_id_suppliers_id_fk" FOREIGN KEY ("supplier_id") REFERENCES "public"."suppliers"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "portal_links" ADD CONSTRAINT "portal_links_buyer_id_buyers_id_fk" FOREIGN KEY ("buyer_id") REFERENCES "public"."buyers"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "portal_sessions" ADD CONSTRAINT "portal_sessions_link_id_portal_links_id_fk" FOREIGN KEY ("link_id") REFERENCES "public"."portal_links"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "portal_links_sha256" ON "portal_links" USING btree ("sha256");--> statement-breakpoint
CREATE INDEX "portal_links_supplier" ON "portal_links" USING btree ("supplier_id");--> statement-breakpoint
CREATE INDEX "portal_links_buyer" ON "portal_links" USING btree ("buyer_id");--> statement-breakpoint
UPDATE "suppliers" SET "definition" = '{"portal": {"email": []}}' || "definition";--> statement-breakpoint
UPDATE "buyers" SET "definition" = '{"portal": {"email": []}}' || "definition";--> statement-breakpoint
UPDATE "campaigns" SET "definition" = "definition" || jsonb_build_object('suppliers', (
	SELECT coalesce(jsonb_agg(link || jsonb_build_object('supplier', '{"portal": {"email": []}}' || (link -> 'supplier')) ORDER BY place), '[]')
	FROM jsonb_array_elements("definition" -> 'suppliers') WITH ORDINALITY AS each (link, place)
), 'buyers', (
	SELECT coalesce(jsonb_agg(contract || jsonb_build_object('buyer', '{"portal": {"email": []}}' || (contract -> 'buyer')) ORDER BY place), '[]')
	FROM jsonb_array_elements("definition" -> 'buyers') WITH ORDINALITY AS each (contract, place)
));
