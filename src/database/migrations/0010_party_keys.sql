ALTER TABLE "supplier_keys" RENAME TO "party_keys";--> statement-breakpoint
ALTER TABLE "party_keys" RENAME CONSTRAINT "supplier_keys_pkey" TO "party_keys_pkey";--> statement-breakpoint
ALTER TABLE "party_keys" RENAME CONSTRAINT "supplier_keys_supplier_id_suppliers_id_fk" TO "party_keys_supplier_id_suppliers_id_fk";--> statement-breakpoint
ALTER INDEX "supplier_keys_sha256" RENAME TO "party_keys_sha256";--> statement-breakpoint
ALTER INDEX "supplier_keys_supplier" RENAME TO "party_keys_supplier";--> statement-breakpoint
ALTER TABLE "party_keys" ALTER COLUMN "supplier_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "party_keys" ADD COLUMN "buyer_id" text;--> statement-breakpoint
ALTER TABLE "party_keys" ADD CONSTRAINT "party_keys_buyer_id_buyers_id_fk" FOREIGN KEY ("buyer_id") REFERENCES "public"."buyers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "party_keys" ADD CONSTRAINT "party_keys_party" CHECK (("party_keys"."supplier_id" is null) <> ("party_keys"."buyer_id" is null));--> statement-breakpoint
CREATE INDEX "party_keys_buyer" ON "party_keys" USING btree ("buyer_id");
