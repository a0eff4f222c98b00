import { Elysia } from "elysia";
import { type BuyerBilling, readBilling } from "#campaigns/billing-records.ts";
import { operation } from "#configuration/history.ts";
import { isStorable } from "#fields/reader.ts";
import { invalid, unknownNames } from "#http/field-errors.ts";
import { readObject } from "#http/json-body.ts";
import { errorReply, jsonResponse, type ReplyFieldError, requestIdOf } from "#http/reply.ts";
import { type Amount, formatAmount, parseAmount } from "#money/amount.ts";
import { insertDeposit, readBalance } from "#money/deposit-records.ts";
import { depositIdOf, newUuid } from "#text/ids.ts";
import { describedAs } from "./described.ts";
import type { AdminContext } from "./operator.ts";
import { giveSecret, recoverDeliveries, resumeDeliveries, sendTest } from "./recipients.ts";
import { recording } from "./recording.ts";

/** A buyer's secret, what was to be sent to it, and its money. */
export function buyerRoutes(context: AdminContext) {
  return new Elysia({ prefix: "/api/v1/admin/buyers/:id" })
    .post("/secret", ({ request, params }) => giveSecret(request, `buyer:${params.id}`, context), {
      parse: "none",
      ...describedAs("rotateBuyerSecret", "Make or rotate a buyer's signing secret", "admin"),
    })
    .post("/recover", ({ request, params }) => recoverDeliveries(request, `buyer:${params.id}`, context), {
      parse: "none",
      ...describedAs("recoverBuyerDeliveries", "Send again what did not reach a buyer", "operate"),
    })
    .post("/test", ({ request, params }) => sendTest(request, `buyer:${params.id}`, context), {
      parse: "none",
      ...describedAs("testBuyerDelivery", "Send a test to a buyer", "operate"),
    })
    .post("/resume", ({ request, params }) => resumeDeliveries(request, `buyer:${params.id}`, context), {
      parse: "none",
      ...describedAs("resumeBuyerDeliveries", "Send to a buyer again that answered 410", "operate"),
    })
    .post("/deposits", ({ request, params }) => payIn(request, params.id, context), {
      parse: "none",
      ...describedAs("depositForBuyer", "Pay money in for a buyer", "operate"),
    })
    .get(
      "/balance",
      ({ request, params }) => showBalance(request, params.id, context),
      describedAs("getBuyerBalance", "A buyer's balance", "read"),
    );
}

async function payIn(request: Request, buyerId: string, context: AdminContext): Promise<Response> {
  const { database, now } = context;
  const requestId = requestIdOf(request);
  const body = await readObject(request);
  if (!body.ok) return body.reply;
  const wanted = depositFrom(body.value);
  if ("errors" in wanted) return invalid(wanted.errors, requestId);
  const buyer = await database.read((db) => readBilling(db, buyerId));
  if (buyer === undefined) return noSuchBuyer(requestId);
  if (buyer.billing.mode === "manual") {
    return errorReply("conflict", "This buyer is billed by hand and has no balance.", requestId);
  }
  const deposit = { id: newUuid(), buyerId, ...wanted };
  try {
    const paid = { amount: moneyOf(deposit.amount, buyer), reference: deposit.reference };
    const noted = recording(request, context, () =>
      operation({ kind: "buyer", id: buyerId }, "deposit_made", {
        path: `deposits[${depositIdOf(deposit.id)}]`,
        to: paid,
      }),
    );
    const balance = await noted.write((tx) => insertDeposit(tx, deposit, now()));
    const data = {
      id: depositIdOf(deposit.id),
      buyer_id: buyerId,
      ...paid,
      balance: moneyOf(balance, buyer),
      currency: buyer.currency,
    };
    return jsonResponse(201, { data }, { "x-request-id": requestId });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return errorReply("conflict", "The balance would become too large.", requestId);
  }
}

const LONGEST_REFERENCE = 200;

function depositFrom(
  body: Readonly<Record<string, unknown>>,
): { amount: Amount; reference: string | null } | { errors: ReplyFieldError[] } {
  const { amount: text, reference = null, ...others } = body;
  const errors = unknownNames(others, ["amount", "reference"]);
  const amount = typeof text === "string" ? parseAmount(text) : undefined;
  if (text === undefined) errors.push({ field: "amount", code: "required", message: "is required" });
  else if (amount === undefined || amount === 0) {
    const message = 'must be an amount above zero, in quotes, such as "500.00"';
    errors.push({ field: "amount", code: amount === 0 ? "out_of_range" : "invalid_format", message });
  }
  if (!isReference(reference)) {
    const message = `must be a text of 1 to ${LONGEST_REFERENCE} characters`;
    errors.push({ field: "reference", code: "invalid_format", message });
  }
  if (errors.length > 0 || amount === undefined) return { errors };
  return { amount, reference: reference as string | null };
}

function isReference(reference: unknown): boolean {
  if (reference === null) return true;
  if (typeof reference !== "string" || !isStorable(reference)) return false;
  return reference.length > 0 && reference.length <= LONGEST_REFERENCE;
}

async function showBalance(request: Request, buyerId: string, { database }: AdminContext): Promise<Response> {
  const requestId = requestIdOf(request);
  const [buyer, balance] = await database.read((db) =>
    Promise.all([readBilling(db, buyerId), readBalance(db, buyerId)]),
  );
  if (buyer === undefined) return noSuchBuyer(requestId);
  const { billing, currency } = buyer;
  const limit = billing.mode === "credit" ? parseAmount(billing.limit) : undefined;
  const data = {
    buyer_id: buyerId,
    billing: billing.mode,
    balance: moneyOf(balance, buyer),
    credit_limit: limit === undefined ? null : moneyOf(limit, buyer),
    currency,
  };
  return jsonResponse(200, { data }, { "x-request-id": requestId });
}

/** A buyer that is in no campaign yet has no currency: its amounts have two decimals, as most currencies do. */
function moneyOf(amount: Amount, { currency }: BuyerBilling): string {
  return formatAmount(amount, currency ?? "USD");
}

function noSuchBuyer(requestId: string): Response {
  return errorReply("not_found", "There is no such buyer.", requestId);
}
