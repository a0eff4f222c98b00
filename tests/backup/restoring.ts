// Restores a backup into an embedded database until it is killed: bun restoring.ts DATA_DIR FILE.
import { restoreInto } from "./round-trip.ts";

const [dataDir = "", file = ""] = process.argv.slice(2);
await restoreInto({ dataDir, connections: 1, writers: 1, deadlineMs: 60_000 }, await Bun.file(file).bytes());
