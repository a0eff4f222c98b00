-- Notes of returns that were written about leads already erased: nothing would look at these leads again.
UPDATE "returns" SET "note" = NULL, "decision_note" = NULL
WHERE ("note" IS NOT NULL OR "decision_note" IS NOT NULL) AND EXISTS (
  SELECT FROM "leads"
  WHERE "leads"."id" = "returns"."lead_id" AND "leads"."campaign_id" = "returns"."campaign_id" AND "leads"."erased_at" IS NOT NULL
);
