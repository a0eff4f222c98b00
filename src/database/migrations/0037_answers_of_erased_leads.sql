-- What recipients answered, written into deliveries that were erased already: nothing would look at these deliveries again.
UPDATE "deliveries" SET "reference" = NULL, "first_excerpt" = NULL, "reason" = CASE WHEN "reason" = 'erased' THEN "reason" END
WHERE "erased_at" IS NOT NULL AND ("reference" IS NOT NULL OR "first_excerpt" IS NOT NULL OR "reason" <> 'erased');
--> statement-breakpoint
UPDATE "delivery_attempts" SET "excerpt" = NULL
WHERE "excerpt" IS NOT NULL AND EXISTS (
  SELECT FROM "deliveries"
  WHERE "deliveries"."id" = "delivery_attempts"."delivery_id" AND "deliveries"."campaign_id" = "delivery_attempts"."campaign_id"
    AND "deliveries"."erased_at" IS NOT NULL
);
