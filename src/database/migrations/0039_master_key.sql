CREATE TABLE "running"."master_key" (
	"is_one" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"fingerprint" text NOT NULL,
	CONSTRAINT "master_key_one" CHECK ("running"."master_key"."is_one")
);
