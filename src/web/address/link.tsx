import type { AnchorHTMLAttributes, MouseEvent } from "react";
import { addressOf, BASE, goTo, type PagePath, type Words } from "./visits.ts";

interface Linked extends Omit<AnchorHTMLAttributes<HTMLAnchorElement>, "href"> {
  to: PagePath;
  /** What the address says beside it. */
  search?: Words;
}

/** A link to another page of the console, which the browser itself opens elsewhere when a key is held that says so. */
export function Link({ to, search, onClick, ...rest }: Linked) {
  function follow(event: MouseEvent<HTMLAnchorElement>) {
    onClick?.(event);
    const isElsewhere =
      event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button !== 0;
    if (event.defaultPrevented || isElsewhere) return;
    event.preventDefault();
    goTo(to, search);
  }
  return <a href={BASE + addressOf(to, search)} onClick={follow} {...rest} />;
}
