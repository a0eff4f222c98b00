import { editsBetween } from "#text/did-you-mean.ts";

/** A sentence for each LEADGATE_… variable that is no setting: a misspelt one that is silently ignored is worse than a refused start. */
export function unknownSettings(
  environment: Readonly<Record<string, string | undefined>>,
  known: readonly string[],
): string[] {
  return Object.entries(environment)
    .filter(([name]) => name.startsWith("LEADGATE_") && !known.includes(name))
    .filter(([name, value]) => !isFromKubernetes(name, value))
    .map(([name]) => `${name} is not a setting. The nearest one is ${nearestSetting(name, known)}.`);
}

/**
 * Kubernetes adds variables for each service of the namespace (LEADGATE_SERVICE_HOST, LEADGATE_PORT=tcp://…): a server in a pod
 * beside a service called `leadgate` must start all the same.
 */
function isFromKubernetes(name: string, value = ""): boolean {
  return (
    /_SERVICE_(HOST|PORT(_[A-Z0-9_]+)?)$|_PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?$/.test(name) ||
    (name.endsWith("_PORT") && /^(tcp|udp|sctp):\/\//.test(value))
  );
}

/** The setting that takes the fewest edits; PORT for LEADGATE_PORT, since not all of ours have the prefix. */
function nearestSetting(name: string, known: readonly string[]): string {
  const bare = name.replace("LEADGATE_", "");
  const edits = (other: string) => Math.min(editsBetween(name, other), editsBetween(bare, other));
  const [best = ""] = known.toSorted((one, other) => edits(one) - edits(other));
  return best;
}
