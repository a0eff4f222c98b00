import type { ReactNode } from "react";

/** A few numbers that tell how it goes. */
export function KeyFigures({
  of,
  isAsking = false,
}: {
  of: readonly (readonly [name: string, value: ReactNode, about?: ReactNode])[];
  isAsking?: boolean;
}) {
  return (
    <dl className="figures" data-asking={isAsking}>
      {of.map(([name, value, about]) => (
        <div className="figure" key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
          {about !== undefined && <dd className="figure-before">{about}</dd>}
        </div>
      ))}
    </dl>
  );
}
