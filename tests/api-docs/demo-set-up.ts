import { demoDocument, demoSuppressionEntries } from "#configuration/demo.ts";
import type { Database } from "#database/database.ts";
import { type Leadgate, openLeadgate } from "../support/leadgate.ts";

/** A Leadgate with what `leadgate demo` puts into an empty database. */
export async function openDemo(database: Database): Promise<Leadgate> {
  const leadgate = openLeadgate(database);
  await leadgate.configure(demoDocument);
  await suppressDemoPeople(leadgate);
  return leadgate;
}

async function suppressDemoPeople(leadgate: Leadgate): Promise<void> {
  for (const { id } of demoDocument.suppression_lists ?? []) {
    const entries = demoSuppressionEntries;
    const { status } = await leadgate.admin("POST", `/suppression-lists/${id}/entries`, { entries });
    if (status !== 200) throw new Error("the demo's people could not be suppressed");
  }
}
