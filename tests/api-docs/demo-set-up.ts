import { beforeEach, test } from "bun:test";
import { demoDocument, demoSuppressionEntries } from "#configuration/demo.ts";
import type { Database } from "#database/database.ts";
import type { KeptWorld } from "../support/database.ts";
import { type Leadgate, openLeadgate } from "../support/leadgate.ts";

/** A Leadgate with what `leadgate demo` puts into an empty database. */
export async function openDemo(database: Database): Promise<Leadgate> {
  const leadgate = openLeadgate(database);
  await leadgate.configure(demoDocument);
  await suppressDemoPeople(leadgate);
  return leadgate;
}

/** A demo that tests share for as long as they leave it as it is. */
export interface KeptDemo {
  readonly leadgate: Leadgate;
  /** A test that leaves it as it is. */
  look(title: string, body: () => void | Promise<void>): void;
  /** Says of the test that runs that it has left it as it was. */
  isAsItWas(): void;
}

/** Each test finds a demo as `open` makes it, which is made anew after one that did more than look. */
export function keepDemo(
  world: KeptWorld,
  open: (database: Database) => Promise<Leadgate> = openDemo,
): KeptDemo {
  let leadgate: Leadgate;
  let isFresh = false;
  const isAsItWas = () => {
    isFresh = true;
  };
  beforeEach(async () => {
    if (!isFresh) {
      await world.clear();
      leadgate = await open(world.database);
    }
    isFresh = false;
    // Nobody has asked too often, and links end when the examples say.
    const opened = leadgate.clock.now().toISOString();
    leadgate.clock.pass(60_000);
    leadgate.clock.set(opened);
  });
  return {
    get leadgate() {
      return leadgate;
    },
    look(title, body) {
      test(title, async () => {
        await body();
        isAsItWas();
      });
    },
    isAsItWas,
  };
}

async function suppressDemoPeople(leadgate: Leadgate): Promise<void> {
  for (const { id } of demoDocument.suppression_lists ?? []) {
    const entries = demoSuppressionEntries;
    const { status } = await leadgate.admin("POST", `/suppression-lists/${id}/entries`, { entries });
    if (status !== 200) throw new Error("the demo's people could not be suppressed");
  }
}
