import { command } from "#cli/command/command.ts";
import { type Database, DatabaseUnavailable } from "#database/database.ts";
import { createServer } from "#runtime/server.ts";
import { createLog } from "#telemetry/log.ts";
import { version } from "../../../package.json" with { type: "json" };

/**
 * Prints the document that this version serves at `/docs/openapi.json`. It is made from the routes, and routes belong to a server; this
 * one never listens, and behind it is no database.
 */
export const openapi = command({
  name: "openapi",
  purpose: "print the API's OpenAPI document, as /docs/openapi.json serves it",
  example: "leadgate openapi > openapi.json",
  options: {},
  forms: {
    async ""(_, context) {
      const nothing = new Uint8Array(32);
      const server = createServer({
        database: NO_DATABASE,
        pepper: nothing,
        tokenKeys: { signing: nothing, contents: nothing },
        operatorKey: "",
        trustedProxies: [],
        version,
        metrics: "keyed",
        docs: "open",
        secretKey: nothing,
        allowedCidrs: [],
        mail: null,
        graphUrl: "",
        userAgent: "",
        clock: { now: () => new Date(), elapsedMs: () => performance.now(), after: () => () => {} },
        log: createLog({ format: "json", level: "error", write: () => undefined, now: () => new Date() }),
        maxBatch: 1,
        queueLimit: 1,
        mostWaiting: 1,
        waitLimitMs: 1,
        supplierBytesPerDay: 0,
        requestsPerAddress: 0,
        settings: {},
      });
      const response = await server.handle(new Request("http://localhost/docs/openapi.json"));
      context.write(`${JSON.stringify(await response.json(), null, 2)}\n`);
      await server.stop();
    },
  },
});

const NO_DATABASE: Database = {
  kind: "embedded",
  isSpread: false,
  read: away,
  survey: away,
  isStandbyRecent: away,
  lookUp: away,
  write: away,
  makeTables: away,
  ping: away,
  snapshot: away,
  listen: () => () => true,
  async close() {},
};

async function away(): Promise<never> {
  throw new DatabaseUnavailable("There is no database here");
}
