import type { AdminParts } from "#admin/parts.ts";
import { readByRoute } from "#http/body-form.ts";
import { yesOrNo } from "#http/query.ts";
import { type Route, refusedSince, route } from "#http/route.ts";
import { exampleCall, invalidExample, pathParameter, refusalWords, reply } from "#http/words.ts";
import { readBatchTexts, shownAnswer } from "#intake/ingest/batch-body.ts";
import { BATCH, BATCH_ANSWER, NO_LEADS, NOT_TAKEN_AT_ALL } from "#intake/ingest/ingest-batch-words.ts";
import { replyOf } from "#intake/supplier-request.ts";

const SETTINGS = {
  dry_run: yesOrNo("Take nothing in, and say what would become of each row if it were the only one", false),
  again: yesOrNo("Decide rows anew that were refused before, also those that are the same", false),
};

/** `POST …/campaigns/{id}/suppliers/{supplier}/leads`: rows of a file as leads of a supplier, some hundred at a time. */
export function importLeadsRoute({ operators, importLeads, turns }: AdminParts): Route {
  return route({
    method: "post",
    path: "/api/v1/admin/campaigns/:id/suppliers/:supplier/leads",
    who: operators.operate,
    query: SETTINGS,
    body: readByRoute(BATCH),
    async answer({ context, params, query }) {
      const read = await readBatchTexts(context.request, (characters) =>
        turns.take(`import ${params.supplier}`, characters),
      );
      if (!read.ok) return context.refuse(read.error, read.message);
      const refusal = await refusedSince(operators.operate, context);
      if (refusal !== undefined) return refusal;
      const answers = await importLeads({
        campaignId: params.id,
        supplierId: params.supplier,
        texts: read.texts,
        requestId: context.id,
        dryRun: query.dry_run === true,
        again: query.again === true,
      });
      if (!Array.isArray(answers)) return replyOf(answers, context);
      return context.json(200, { data: answers.map(shownAnswer) });
    },
    words: {
      operation: "importLeads",
      section: "Operators",
      summary: "Import leads",
      description: `Takes up to 500 leads in as if the supplier had sent them, with all that is checked, counted and delivered, but
without a key or a rate limit of the supplier's; each is answered as at \`POST /api/v1/ingest/batch\`. They are decided now, whatever
times their fields say.

A lead's \`idempotency_key\` is good for 30 days: a lead that is on record under it is answered as before, and one that was refused is
decided anew once it is mended. A 503, of the request or of a lead, means that nothing was taken in: send it again.`,
      params: {
        id: pathParameter("The campaign's id", "solar"),
        supplier: pathParameter("The id of a supplier that is linked to it", "acme-media"),
      },
      calls: {
        one: exampleCall("A lead without a phone", { leads: [GRACE] }, 200, {
          data: [{ http_status: 400, ...invalidExample(["phone", "required", "Phone is required"]) }],
        }),
        none: NO_LEADS,
      },
      replies: {
        200: reply("What became of each lead.", BATCH_ANSWER),
        ...NOT_TAKEN_AT_ALL,
        403: refusalWords(
          "The key's role is not enough, the supplier is not linked to the campaign, or one of them is paused.",
        ),
        404: refusalWords("There is no such campaign."),
        409: refusalWords("The campaign's leads are pinged first."),
      },
    },
  });
}

const GRACE = {
  first_name: "Grace",
  last_name: "Hopper",
  email: "grace@example.com",
  state: "TX",
  zip_code: "78701",
  homeowner: true,
  idempotency_key: "crm-4711",
};
