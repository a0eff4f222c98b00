-- Servers keep configuration, signing secrets and the state of endpoints in memory, and read them again when told (Database.listen).
CREATE FUNCTION "tell_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('leadgate', TG_TABLE_NAME);
  RETURN NULL;
END $$;--> statement-breakpoint
CREATE TRIGGER "configurations_are_told" AFTER INSERT ON "configurations" FOR EACH STATEMENT EXECUTE FUNCTION "tell_change"();--> statement-breakpoint
CREATE TRIGGER "endpoints_are_told" AFTER INSERT OR UPDATE OR DELETE ON "endpoints" FOR EACH STATEMENT EXECUTE FUNCTION "tell_change"();--> statement-breakpoint
CREATE TRIGGER "signing_secrets_are_told" AFTER INSERT OR UPDATE OR DELETE ON "signing_secrets" FOR EACH STATEMENT EXECUTE FUNCTION "tell_change"();
