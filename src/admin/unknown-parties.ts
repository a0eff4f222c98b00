import type { Database } from "#database/database.ts";
import type { ReplyFieldError } from "#http/reply.ts";
import { isParty, REPORTED_KINDS, type ReportedKind, readPartyIds } from "#reports/party-records.ts";
import { nearest } from "#text/did-you-mean.ts";

/** What is wrong with settings of a query that name a campaign, supplier or buyer that never was. */
export async function unknownParties(
  asked: Readonly<Partial<Record<ReportedKind, string | null>>>,
  database: Database,
): Promise<ReplyFieldError[]> {
  const errors = await Promise.all(
    REPORTED_KINDS.map(async (kind) => {
      const id = asked[kind] ?? null;
      if (id === null || (await database.read((db) => isParty(db, kind, id)))) return [];
      const meant = nearest(id, await database.read((db) => readPartyIds(db, kind)));
      const message = `there is no such ${kind}${meant === undefined ? "" : `; did you mean ${meant}?`}`;
      return [{ field: kind, code: "not_allowed" as const, message }];
    }),
  );
  return errors.flat();
}
