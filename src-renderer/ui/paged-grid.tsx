/**
 * A list of any length of which only the rows in sight are drawn, walked through with the arrow keys: of findings, and of the objects of
 * two runs. It is one stop of the Tab key; screen readers are told which row is the selected one.
 */
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useLayoutEffect, useRef, type ReactNode } from 'react';

interface PagedGridProps {
  label: string;
  /** null: not known yet, since it is another list, which begins at its top. The focus stays where the list has it. */
  total: number | null;
  rowHeight: number;
  /** Place of the selected row; null: none. It is brought into sight. */
  position: number | null;
  /** The id of the selected row's element. */
  selectedId: string | undefined;
  onStep: (by: 1 | -1) => void;
  onSelect: (position: number) => void;
  /** Which rows are drawn. */
  onShown?: (first: number, last: number) => void;
  /** null: not loaded yet. */
  renderRow: (position: number) => ReactNode;
}

const rowsWhileUnknown = 8;

export function PagedGrid(props: PagedGridProps) {
  const { label, rowHeight, position, selectedId, onStep, onSelect, onShown, renderRow } = props;
  const isKnown = props.total !== null;
  const total = props.total ?? rowsWhileUnknown;
  const scroller = useRef<HTMLDivElement>(null);
  // The React compiler is not used here, so that its caution about this hook does not apply.
  // oxlint-disable-next-line react/incompatible-library
  const rows = useVirtualizer({
    count: total,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 6,
  });
  const items = rows.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (isKnown) onShown?.(first, last);
  }, [onShown, isKnown, first, last]);
  // Not left to the shorter list of rows in waiting: an answer that comes before the page is laid out would find it scrolled as before.
  useLayoutEffect(() => {
    if (!isKnown) scroller.current?.scrollTo(0, 0);
  }, [isKnown]);
  useEffect(() => {
    if (isKnown && position !== null && position < total) rows.scrollToIndex(position, { align: 'auto' });
  }, [isKnown, position, total, rows]);
  return (
    <div
      ref={scroller}
      className="finding-list scroll"
      role="grid"
      aria-rowcount={isKnown ? total : -1}
      aria-busy={!isKnown}
      aria-label={label}
      aria-activedescendant={selectedId}
      tabIndex={0}
      onKeyDown={(event) => {
        if (!isKnown) return;
        if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
          event.preventDefault();
          onStep(event.key === 'ArrowDown' ? 1 : -1);
        } else if (event.key === 'Home' || event.key === 'End') {
          event.preventDefault();
          onSelect(event.key === 'Home' ? 0 : total - 1);
        }
      }}
    >
      <div style={{ height: rows.getTotalSize(), position: 'relative' }}>
        {items.map(({ key, index, start }) => (
          <div key={key} className="finding-slot" style={{ transform: `translateY(${start}px)` }}>
            {(isKnown && renderRow(index)) || <div className="skeleton finding-skeleton" />}
          </div>
        ))}
      </div>
    </div>
  );
}
