import { type ReactNode, useContext, useEffect } from "react";
import { SiteName } from "./site-name.ts";

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
  const site = useContext(SiteName);
  useEffect(() => {
    document.title = `${title} · ${site}`;
  }, [title, site]);
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
