import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { isTyping } from "./typing.ts";

export interface Column<Row> {
  title: string;
  /** A width of CSS grid, such as `minmax(7rem, 1fr)`. */
  width: string;
  /** Left out where there is little room. */
  isExtra?: boolean;
  isNumber?: boolean;
  cell(row: Row): ReactNode;
}

interface Rows<Row> {
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  idOf(row: Row): string;
  openId: string | undefined;
  onOpen(row: Row): void;
  /** Asks for more when the end comes near; undefined: that is all. */
  more: (() => void) | undefined;
}

const ROW_PX = 34;
/** So many rows before the end, more are asked for. */
const AHEAD = 30;

/**
 * A list of any length, of which only what is seen is in the page. Arrow keys go through it, Enter opens; j and k do so from anywhere, and
 * beside an open row they open the next.
 */
export function VirtualRows<Row>({ label, columns, rows, idOf, openId, onOpen, more }: Rows<Row>) {
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(0);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
  });
  const seen = virtual.getVirtualItems();
  const last = seen.at(-1)?.index ?? 0;
  useEffect(() => {
    if (more !== undefined && last >= rows.length - AHEAD) more();
  }, [last, rows.length, more]);

  function go(to: number) {
    const next = Math.max(0, Math.min(rows.length - 1, to));
    setActive(next);
    virtual.scrollToIndex(next);
    requestAnimationFrame(() =>
      scroller.current?.querySelector<HTMLElement>(`[data-index="${next}"]`)?.focus({ preventScroll: true }),
    );
  }

  useEffect(() => {
    const listen = (event: globalThis.KeyboardEvent) => {
      if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target))
        return;
      const step = event.key === "j" ? 1 : event.key === "k" ? -1 : 0;
      if (step === 0) return;
      event.preventDefault();
      const place = rows.findIndex((each) => idOf(each) === openId);
      const next = rows[place + step];
      if (place === -1) go(active + step);
      else if (next !== undefined) {
        setActive(place + step);
        virtual.scrollToIndex(place + step);
        onOpen(next);
      }
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  });

  function press(event: KeyboardEvent, row: Row) {
    const page = Math.floor((scroller.current?.clientHeight ?? ROW_PX) / ROW_PX) - 1;
    const steps: Record<string, number> = {
      ArrowDown: active + 1,
      j: active + 1,
      ArrowUp: active - 1,
      k: active - 1,
      PageDown: active + page,
      PageUp: active - page,
      Home: 0,
      End: rows.length - 1,
    };
    const to = steps[event.key];
    if (to !== undefined) go(to);
    else if (event.key === "Enter" || event.key === " ") onOpen(row);
    else return;
    event.preventDefault();
  }

  const template = (shown: readonly Column<Row>[]) => shown.map(({ width }) => width).join(" ");
  const style = {
    "--columns": template(columns),
    "--columns-narrow": template(columns.filter(({ isExtra }) => isExtra !== true)),
  } as Record<string, string>;
  return (
    <div
      className="rows"
      role="table"
      aria-label={label}
      aria-rowcount={more === undefined ? rows.length + 1 : -1}
      style={style}
    >
      <div className="rows-scroll" role="presentation" ref={scroller}>
        <div className="rows-head" role="rowgroup">
          <div className="row" role="row" aria-rowindex={1}>
            {columns.map(({ title, isExtra, isNumber }) => (
              <div key={title} role="columnheader" data-extra={isExtra} data-number={isNumber}>
                {title}
              </div>
            ))}
          </div>
        </div>
        <div className="rows-body" role="rowgroup" style={{ height: virtual.getTotalSize() }}>
          {seen.map(({ index, start }) => {
            const row = rows[index];
            if (row === undefined) return null;
            const id = idOf(row);
            return (
              <div
                key={id}
                className="row"
                role="row"
                aria-rowindex={index + 2}
                aria-current={id === openId ? "true" : undefined}
                data-index={index}
                tabIndex={index === active ? 0 : -1}
                style={{ transform: `translateY(${start}px)` }}
                onClick={() => {
                  setActive(index);
                  onOpen(row);
                }}
                onKeyDown={(event) => press(event, row)}
                onFocus={() => setActive(index)}
              >
                {columns.map(({ title, cell, isExtra, isNumber }) => (
                  <div key={title} role="cell" data-extra={isExtra} data-number={isNumber}>
                    {cell(row)}
                  </div>
                ))}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}
