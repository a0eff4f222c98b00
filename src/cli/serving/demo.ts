import { randomInt } from "node:crypto";
import { createPartyKey } from "#access/party-key-records.ts";
import type { ConfigurationDocument } from "#campaigns/document.ts";
import { command } from "#cli/command/command.ts";
import { applyConfiguration } from "#configuration/apply.ts";
import { readConfiguration } from "#configuration/configuration-records.ts";
import {
  DEMO_CAMPAIGN,
  DEMO_PINGED_CAMPAIGN,
  DEMO_SUPPLIER,
  demoDocument,
  demoSuppressionEntries,
} from "#configuration/demo.ts";
import type { Database } from "#database/database.ts";
import { keyFor } from "#runtime/secrets.ts";
import { readEntry } from "#suppression/entry.ts";
import { addSuppressionKeys } from "#suppression/entry-records.ts";
import { run, type Started } from "./serve.ts";

/** Starts the server with the demo set-up, and prints curl lines that work as they stand. */
export const demo = command({
  name: "demo",
  purpose: "start it on an empty database with a small demo set-up",
  example: "DATA_DIR=./trial leadgate demo",
  options: {},
  forms: {
    async ""(_, context) {
      return await run(context.settings(), async (started) => {
        const document = await putInDemo(started);
        const isDemo = document.campaigns?.some(({ id }) => id === DEMO_CAMPAIGN) === true;
        context.write(
          isDemo
            ? await invitation(started, document)
            : "The database holds another configuration, so the demo set-up was left out.\n",
        );
      });
    },
  },
});

/** Puts the demo set-up into an empty database; a configuration that is there stays as it is. Answers with what is then in force. */
async function putInDemo({
  database,
  pepper,
  secretKey,
}: Started): Promise<Pick<ConfigurationDocument, "campaigns">> {
  const configured = await readConfiguration(database);
  if (configured !== null) return configured.document;
  const now = new Date();
  await applyConfiguration({ database, secretKey }, demoDocument, { now, by: "demo" });
  const entries = demoSuppressionEntries.map((entry) => readEntry(entry, pepper)).filter((read) => read.ok);
  const kinds = [...new Set(entries.flatMap((entry) => entry.kinds))];
  for (const list of demoDocument.suppression_lists ?? []) {
    const keys = entries.flatMap((entry) => entry.keys);
    await database.write((tx) => addSuppressionKeys(tx, list.id ?? "", { keys, kinds }, now));
  }
  return demoDocument;
}

async function invitation(
  { database, secrets, url }: Started,
  { campaigns = [] }: Pick<ConfigurationDocument, "campaigns">,
): Promise<string> {
  const key = await demoKey(database, secrets.secret);
  const post = (route: string, body: object) =>
    `curl -i ${url}/api/v1/${route} -H 'x-api-key: ${key}' -H 'content-type: application/json' -d '${JSON.stringify(body)}'`;
  // A folder of the first release holds a demo without one.
  const isPinged = campaigns.some(({ id, mode }) => id === DEMO_PINGED_CAMPAIGN && mode === "ping_post");
  const pinging = `Ask what is paid for a lead of another campaign, without its name, phone and e-mail:

  ${post("ping", demoPing())}

How the lead is then sold at that price: ${url}/docs/campaigns/${DEMO_PINGED_CAMPAIGN}

`;
  return `
Leadgate is running at ${url} with a demo set-up. Send a lead:

  ${post("ingest", demoLead())}

Sent again, the same lead is a duplicate. How a lead was decided, by the id in its answer:

  curl ${url}/api/v1/admin/leads/LEAD_ID -H 'authorization: Bearer ${secrets.adminKey}'

In a browser: ${url}/console, with the operator key in that line. The guide: ${url}/docs/quickstart

${isPinged ? pinging : ""}`;
}

/** The demo's key comes from the master key: it can be printed at every start, and still only its hash is kept. */
async function demoKey(database: Database, secret: string): Promise<string> {
  const key = `lg_demo_${Buffer.from(keyFor("demo-key", secret)).toString("hex").slice(0, 40)}`;
  const wanted = { name: "demo", expiresAt: null, secret: key };
  await database.write((tx) =>
    createPartyKey(tx, { kind: "supplier", id: DEMO_SUPPLIER }, wanted, new Date()),
  );
  return key;
}

function demoPing() {
  return {
    flo_campaign_id: DEMO_PINGED_CAMPAIGN,
    flo_supplier_id: DEMO_SUPPLIER,
    case_type: "auto",
    injured: true,
    state: "TX",
  };
}

/** A person who does not exist (555-xxxx), another one at each start. */
function demoLead() {
  const line = String(randomInt(2000, 10_000));
  return {
    flo_campaign_id: DEMO_CAMPAIGN,
    flo_supplier_id: DEMO_SUPPLIER,
    first_name: "Ada",
    last_name: "Lovelace",
    phone: `(512) 555-${line}`,
    email: `ada.${line}@example.com`,
    state: "TX",
    zip_code: "78701",
    homeowner: true,
    roof_age: 12,
  };
}
