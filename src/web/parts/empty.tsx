import type { ReactNode } from "react";

/** There is nothing to show: why, and what to do next. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <p>{title}</p>
      {children !== undefined && <div>{children}</div>}
    </div>
  );
}
