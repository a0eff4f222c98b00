import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { Differences } from "#web/parts/differences.tsx";
import type { Plan } from "./document-text.ts";

interface Planned {
  plan: Plan;
  /** The document was not changed since. */
  isCurrent: boolean;
  mayApply: boolean;
  isApplying: boolean;
  apply(): void;
  /** What else can be done with it. */
  children?: ReactNode;
}

/** What a plan would change, what is worth a look, and the way to put it in force. */
export function PlanView({ plan, isCurrent, mayApply, isApplying, apply, children }: Planned) {
  return (
    <div className="stack">
      {plan.changes.length === 0 ? (
        <p>It changes nothing.</p>
      ) : (
        <>
          <Differences changes={plan.changes} />
          {mayApply && (
            <div>
              <Button onClick={apply} disabled={!isCurrent} loading={isApplying}>
                Put in force
              </Button>
              {!isCurrent && <span className="dim"> The document has changed since: plan again.</span>}
            </div>
          )}
        </>
      )}
      {plan.changes.length > 0 && isCurrent && children}
      {plan.warnings.length > 0 && (
        <div>
          <h3>Worth a look</h3>
          <ul className="plain stack-s">
            {plan.warnings.map(({ path, message }) => (
              <li key={`${path} ${message}`} className="warning">
                <code>{path}</code>
                <span>{message}</span>
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  );
}
