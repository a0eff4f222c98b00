import { DatabaseUnavailable } from "#database/database.ts";
import { INTERNAL_FAULT } from "#http/reply.ts";
import { type SupplierReply, supplierError, unavailable } from "#intake/reply/reply.ts";
import type { Log } from "#telemetry/log.ts";

/**
 * The answer to a lead that was sent with others. Whatever goes wrong with it is its own: the others may be on record already, and their
 * sender must hear of them. Never rejects.
 */
export async function answerToOneOfMany(
  answer: Promise<SupplierReply>,
  lead: { requestId: string },
  log: Pick<Log, "warn" | "error">,
): Promise<SupplierReply> {
  try {
    return await answer;
  } catch (error) {
    const { requestId: request_id } = lead;
    if (error instanceof DatabaseUnavailable) {
      log.warn("the database is not available", { request_id, error });
      return unavailable({ message: "The database is not available.", retryAfter: 2 }, lead);
    }
    log.error("a lead that was sent with others failed", { request_id, error });
    return supplierError("internal_error", INTERNAL_FAULT, lead);
  }
}
