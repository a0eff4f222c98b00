import { drizzle } from "drizzle-orm/postgres-js";
import { Elysia, t } from "elysia";
import postgres from "postgres";
import * as schema from "#database/tables.ts";
import { keyFor } from "#runtime/secrets.ts";
import { takeIn } from "./take-in.ts";

/** The textbook design's server, on a database that Leadgate has been set up on with the same secret. */

const { DATABASE_URL = "", LEADGATE_SECRET = "" } = process.env;
const db = drizzle(postgres(DATABASE_URL, { max: 20 }), { schema });
const pepper = keyFor("pepper", LEADGATE_SECRET);

const STATUS = {
  accepted: 201,
  unmatched: 200,
  duplicate: 200,
  invalid: 400,
  unauthorized: 401,
  not_found: 404,
  filtered: 422,
  suppressed: 422,
} as const;

const app = new Elysia({ normalize: false }).post(
  "/api/v1/ingest",
  async ({ body: { flo_campaign_id, flo_supplier_id, ...fields }, headers, status }) => {
    const outcome = await takeIn(
      db,
      { key: headers["x-api-key"], campaign: flo_campaign_id, supplier: flo_supplier_id, fields },
      pepper,
    );
    return status(STATUS[outcome.kind], { data: outcome });
  },
  {
    headers: t.Object({ "x-api-key": t.String() }),
    body: t.Object(
      { flo_campaign_id: t.String(), flo_supplier_id: t.String() },
      { additionalProperties: true },
    ),
  },
);

app.listen({ hostname: "127.0.0.1", port: 0 }, ({ port }) => console.log(JSON.stringify({ port })));
