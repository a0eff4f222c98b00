import { command } from "#cli/command/command.ts";
import { callServer, dataIn, listIn } from "#cli/command/remote.ts";
import { describeKey } from "./keys.ts";

/** The addresses that suppliers without headers post to. */
export const postingUrls = command({
  name: "posting-urls",
  purpose: "create, list or revoke the addresses that a supplier posts to without a header",
  example: "leadgate posting-urls create acme-media --campaign solar",
  options: {
    "--campaign ID": "with create: the campaign that all its leads are for; else each lead says its own",
    "--name NAME": "with create: what it is for, to be told from others",
  },
  forms: {
    async "create SUPPLIER [--campaign ID] [--name NAME]"({ SUPPLIER, campaign, name }, context) {
      const response = await callServer(context, {
        method: "POST",
        path: pathOf(SUPPLIER),
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ campaign: campaign ?? null, name: name ?? null }),
      });
      context.write(`${String((await dataIn(response)).url)}\n`);
    },
    async "list SUPPLIER"({ SUPPLIER }, context) {
      const urls = await listIn(await callServer(context, { method: "GET", path: pathOf(SUPPLIER) }));
      for (const url of urls) {
        context.write(describeKey(url, typeof url.campaign === "string" ? url.campaign : "any campaign"));
      }
    },
    async "revoke SUPPLIER URL_ID"({ SUPPLIER, URL_ID }, context) {
      await callServer(context, {
        method: "DELETE",
        path: `${pathOf(SUPPLIER)}/${encodeURIComponent(URL_ID)}`,
      });
      context.write(`${URL_ID} revoked\n`);
    },
  },
});

function pathOf(supplier: string): string {
  return `/suppliers/${encodeURIComponent(supplier)}/posting-urls`;
}
