import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, type RefObject, useEffect, useRef } from "react";
import { type RowKeys, useRowKeys } from "./row-keys.ts";

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
export function VirtualRows<Row>(list: Rows<Row>) {
  const { label, columns, rows, idOf, openId, onOpen, more } = list;
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 8,
  });
  const seen = virtual.getVirtualItems();
  const last = seen.at(-1)?.index ?? 0;
  useEffect(() => {
    if (more !== undefined && last >= rows.length - AHEAD) more();
  }, [last, rows.length, more]);
  const openPlace = openId === undefined ? -1 : rows.findIndex((row) => idOf(row) === openId);
  const keys = useRowKeys({
    count: rows.length,
    openPlace,
    open: (place) => rows[place] !== undefined && onOpen(rows[place]),
    show: (place) => showRow(scroller, virtual.scrollToIndex, place),
    pageLength: () => Math.floor((scroller.current?.clientHeight ?? ROW_PX) / ROW_PX) - 1,
  });
  return (
    <div
      className="rows"
      role="table"
      aria-label={label}
      aria-rowcount={more === undefined ? rows.length + 1 : -1}
      style={columnStyle(columns)}
    >
      <div className="rows-scroll" role="presentation" ref={scroller}>
        <Head columns={columns} />
        <div className="rows-body" role="rowgroup" style={{ height: virtual.getTotalSize() }}>
          {seen.map(({ index, start }) => {
            const row = rows[index];
            return row === undefined ? null : (
              <OneRow
                key={idOf(row)}
                row={row}
                place={index}
                top={start}
                columns={columns}
                isOpen={index === openPlace}
                keys={keys}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}

/** Scrolls to a row and, once it is in the page, has the keys go to it. */
function showRow(
  scroller: RefObject<HTMLDivElement | null>,
  scrollToIndex: (place: number) => void,
  place: number,
): void {
  scrollToIndex(place);
  requestAnimationFrame(() =>
    scroller.current?.querySelector<HTMLElement>(`[data-index="${place}"]`)?.focus({ preventScroll: true }),
  );
}

function columnStyle<Row>(columns: readonly Column<Row>[]): Record<string, string> {
  const template = (shown: readonly Column<Row>[]) => shown.map(({ width }) => width).join(" ");
  return {
    "--columns": template(columns),
    "--columns-narrow": template(columns.filter(({ isExtra }) => isExtra !== true)),
  };
}

function Head<Row>({ columns }: { columns: readonly Column<Row>[] }) {
  return (
    <div className="rows-head" role="rowgroup">
      <div className="row" role="row" aria-rowindex={1}>
        {columns.map(({ title, isExtra, isNumber }) => (
          <div key={title} role="columnheader" data-extra={isExtra} data-number={isNumber}>
            {title}
          </div>
        ))}
      </div>
    </div>
  );
}

interface Shown<Row> {
  row: Row;
  place: number;
  /** In px from the list's beginning. */
  top: number;
  columns: readonly Column<Row>[];
  isOpen: boolean;
  keys: RowKeys;
}

function OneRow<Row>({ row, place, top, columns, isOpen, keys }: Shown<Row>) {
  return (
    <div
      className="row"
      role="row"
      aria-rowindex={place + 2}
      aria-current={isOpen ? "true" : undefined}
      data-index={place}
      tabIndex={place === keys.active ? 0 : -1}
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => keys.open(place)}
      onKeyDown={keys.press}
      onFocus={() => keys.enter(place)}
    >
      {columns.map(({ title, cell, isExtra, isNumber }) => (
        <div key={title} role="cell" data-extra={isExtra} data-number={isNumber}>
          {cell(row)}
        </div>
      ))}
    </div>
  );
}
