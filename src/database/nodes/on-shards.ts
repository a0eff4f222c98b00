/** A table where a statement reads or writes it, and the name that it has there, if any. */
const NAMED =
  /(?<!epoch )\b(from|join|into|update)(\s+)((?:running\.)?[a-z_]+)(?![\w.(])(\s+as\s+\w+|\s+\w+)?/gi;

/** What comes behind a table that is no other name for it. */
const NO_ALIAS =
  /^\s+(as\s|where|join|left|right|inner|cross|full|on|using|set|group|order|limit|for|union|returning|select|values|having|end|and|or)\b/i;

/**
 * Has statements name shards in place of the tables that are spread. A table goes by its own name still, as its columns are named by it.
 */
export function namingShards(shards: ReadonlyMap<string, string>): (text: string) => string {
  const known = new Map<string, string>();
  const named = (text: string) =>
    text.replace(
      NAMED,
      (whole: string, word: string, blank: string, table: string, next: string | undefined) => {
        const shard = shards.get(table);
        if (shard === undefined) return whole;
        const alias = next !== undefined && (/^\s+as\s/i.test(next) || !NO_ALIAS.test(next));
        return `${word}${blank}${shard}${alias ? "" : ` as ${table.replace(/^.*\./, "")}`}${next ?? ""}`;
      },
    );
  return (text) => {
    const found = known.get(text) ?? named(text);
    known.set(text, found);
    return found;
  };
}
