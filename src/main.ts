import { startTuned } from "#runtime/process-memory.ts";

const [name = "serve", ...words] = process.argv.slice(2);
if (name === "serve" || name === "demo") startTuned(process);
// Loaded afterwards: all of it would be loaded twice.
const { runOnProcess } = await import("#cli/process.ts");
await runOnProcess([name, ...words]);
