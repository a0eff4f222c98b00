-- The buyers' own names for their bids, promised to pings of leads that are erased: nothing would look at these leads again.
UPDATE "redeemed_pings" SET "bids" = regexp_replace("bids"::text, '"reference":"(\\.|[^"\\])*"', '"reference":null', 'g')::json
WHERE "bids"::text LIKE '%"reference":"%' AND EXISTS (
  SELECT FROM "leads"
  WHERE "leads"."id" = "redeemed_pings"."lead_id" AND "leads"."campaign_id" = "redeemed_pings"."campaign_id" AND "leads"."erased_at" IS NOT NULL
);
