import { inWords } from "./status.tsx";

interface Difference {
  path: string;
  from?: unknown;
  to?: unknown;
}

interface Changed {
  kind: string;
  id: string;
  name: string | null;
  action: string;
  differences: readonly Difference[];
}

/** A value of so many characters stands on one line. */
const SHORT = 80;
/** So many settings of a part are shown before one asks for more. */
const SHOWN = 12;

/** What is or was changed: each part with its settings, before and after. */
export function Differences({ changes }: { changes: readonly Changed[] }) {
  return (
    <ul className="plain stack-s">
      {changes.map((change) => (
        <li key={`${change.kind} ${change.id} ${change.action}`} className="card">
          <div className="card-title">
            <b>{inWords(change.kind)}</b> {change.name ?? change.id}{" "}
            <span className="tag" data-action={change.action}>
              {inWords(change.action)}
            </span>
          </div>
          <Settings differences={change.differences} />
        </li>
      ))}
    </ul>
  );
}

function Settings({ differences }: { differences: readonly Difference[] }) {
  if (differences.length === 0) return null;
  const line = ({ path, from, to }: Difference) => (
    <div key={path} className="diff">
      <code>{path === "" ? "all of it" : path}</code>
      {from !== undefined && <del>{valueText(from)}</del>}
      {to !== undefined && <ins>{valueText(to)}</ins>}
    </div>
  );
  return (
    <div className="diffs">
      {differences.slice(0, SHOWN).map(line)}
      {differences.length > SHOWN && (
        <details>
          <summary>{differences.length - SHOWN} more</summary>
          {differences.slice(SHOWN).map(line)}
        </details>
      )}
    </div>
  );
}

function valueText(value: unknown): string {
  if (value === null) return "none";
  if (typeof value === "string") return value;
  const line = JSON.stringify(value, null, 1).replaceAll(/\n\s*/g, " ");
  return line.length <= SHORT ? line : JSON.stringify(value, null, 2);
}
