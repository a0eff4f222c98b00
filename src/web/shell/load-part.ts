import { fetchWatched } from "#web/api/client.ts";

const ASKED_EVERY_MS = 2_000;

/** Loads a part of the pages; while the server is away, that waits for it. Throws what a server that is there did not give. */
export async function loadPart<Part>(load: () => Promise<Part>): Promise<Part> {
  try {
    return await load();
  } catch {
    await untilReady();
    return load();
  }
}

/** Whoever watches the server says meanwhile that it is away. */
async function untilReady(): Promise<void> {
  const readiness = new URL("/readyz", window.location.origin);
  const isReady = () =>
    fetchWatched(new Request(readiness)).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await isReady())) await new Promise((resolve) => setTimeout(resolve, ASKED_EVERY_MS));
}
