import type { ReactNode } from "react";

/** What may be wider than its room, as tables are on a phone: it scrolls there, by the keyboard too, for which it has a name. */
export function Wide({ name, kind, children }: { name: string; kind: string; children: ReactNode }) {
  return (
    <section className={kind} aria-label={name} tabIndex={0}>
      {children}
    </section>
  );
}
