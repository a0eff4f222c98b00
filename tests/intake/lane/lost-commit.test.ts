import { expect, test } from "bun:test";
import { DatabaseUnavailable, type Queryable } from "#database/database.ts";
import { askUntilDecided } from "#intake/confirm.ts";
import type { LaneResult } from "#intake/lane/batch.ts";
import type { Arrived } from "#leads/candidate.ts";
import type { BuyersAnswer } from "#leads/trace.ts";
import { newUuid } from "#text/ids.ts";
import { onBothDatabases } from "../../support/database.ts";
import { type Beside, openLanesBeside } from "../../support/lanes.ts";
import { aDocument, aLead, openLeadgate } from "../../support/leadgate.ts";

/** Commits whatever is written; while `isLost`, nobody can say so. */
function losingAnswers({ leadgate, database }: Beside) {
  const lost = { isLost: false };
  const write = async <T>(work: (db: Queryable) => Promise<T>): Promise<T> => {
    const value = await database.write(work);
    if (!lost.isLost) return value;
    lost.isLost = false;
    throw new DatabaseUnavailable("The connection to the database was lost at COMMIT", false);
  };
  return { lost, beside: { leadgate, database: { ...database, write } } };
}

/** Has a lead's buyers asked, who answer as said, where the answer to the COMMIT of what follows of the first answer is lost. */
async function askedWithLoss(beside: Beside, answers: Readonly<Record<string, BuyersAnswer>>) {
  const losing = losingAnswers(beside);
  const lanes = openLanesBeside(losing.beside);
  lanes.start();
  const first = await lanes.takeIn(arrived(), null);
  const answered = (result: LaneResult): LaneResult =>
    "pending" in result
      ? {
          ...result,
          ask: () =>
            Promise.resolve(
              new Map(result.pending.sales.map(({ buyerId }) => [buyerId, answers[buyerId] ?? "refused"])),
            ),
        }
      : result;
  losing.lost.isLost = true;
  const takeIn: typeof lanes.takeIn = async (...args) => answered(await lanes.takeIn(...args));
  const reply = await askUntilDecided(answered(first), { lanes: { takeIn }, clock: beside.leadgate.clock });
  await lanes.stop();
  expect(losing.lost.isLost).toBe(false);
  return reply;
}

function arrived(): Arrived {
  return {
    kind: "arrived",
    id: newUuid(),
    requestId: "request",
    campaignId: "solar",
    supplierId: "acme",
    keyId: null,
    body: aLead(),
    idempotency: null,
    ping: null,
  };
}

const CONFIRMED = { delivery: { method: "webhook" as const, url: "https://buyer.example/", confirm: true } };

onBothDatabases("a lead whose buyer is asked first", (world) => {
  test("a lead whose buyer has said yes is answered as sold where the answer to its COMMIT was lost", async () => {
    const { database } = world;
    const leadgate = openLeadgate(database);
    await leadgate.configure(aDocument({ buyers: { first: CONFIRMED } }));
    const reply = await askedWithLoss({ leadgate, database }, { first: "confirmed" });
    expect([reply.httpStatus, JSON.parse(reply.body).data]).toMatchObject([
      201,
      { status: "ACCEPTED", buyer_id: "first" },
    ]);
  });

  test("a lead whose next buyer is still to be asked is not called settled where the answer to its COMMIT was lost", async () => {
    const { database } = world;
    const leadgate = openLeadgate(database);
    await leadgate.configure(aDocument({ buyers: { first: CONFIRMED, second: CONFIRMED } }));
    const reply = await askedWithLoss({ leadgate, database }, { first: "refused" });
    expect([reply.httpStatus, JSON.parse(reply.body)]).toMatchObject([503, { error: "unavailable" }]);
  });
});
