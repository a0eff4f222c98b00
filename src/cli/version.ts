import { version as packageVersion } from "../../package.json" with { type: "json" };

/** Prints the version. */
export async function version(): Promise<number> {
  process.stdout.write(`leadgate ${packageVersion}\n`);
  return 0;
}
