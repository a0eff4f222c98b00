import { type ReactNode, useEffect } from "react";

/** A page's name, which the browser's tab has too, and what can be done on it. */
export function PageHead({
  title,
  about,
  children,
}: {
  title: string;
  about?: ReactNode;
  children?: ReactNode;
}) {
  useEffect(() => {
    document.title = `${title} · Leadgate`;
  }, [title]);
  return (
    <header className="head">
      <div>
        <h1>{title}</h1>
        {about !== undefined && <p>{about}</p>}
      </div>
      {children !== undefined && <div className="head-actions">{children}</div>}
    </header>
  );
}
