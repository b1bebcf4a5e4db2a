/** What both runs, or one of them, found: a list to step through. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { Equal } from 'lucide-react';
import { useCallback, useEffect, useRef } from 'react';
import type { CaseView } from '../../src-main/contract/api.ts';
import type { ComparisonSummary } from '../../src-main/contract/compare.ts';
import { useController } from '../app/controller-context.ts';
import { useView } from '../state/view-store.ts';
import { Empty, ErrorNote, Skeleton } from '../ui/messages.tsx';
import { selectObject, stepObject } from './compare-actions.ts';
import { useCompare } from './compare-store.ts';
import { objectAt, startObjects, useObjectList, wantObject } from './object-list-store.ts';
import { ObjectRow, objectRowHeight } from './object-row.tsx';
import { words } from '../words/words.ts';

export function ObjectList({ caseView, summary }: { caseView: CaseView; summary: ComparisonSummary }) {
  const controller = useController();
  const groups = useCompare((state) => state.groups);
  const className = useCompare((state) => state.className);
  const sort = useCompare((state) => state.sort);
  const total = useObjectList((state) => state.total);
  const error = useObjectList((state) => state.error);
  const { id: caseId } = caseView;
  const { id: comparisonId } = summary;
  useEffect(() => {
    startObjects(controller.connection, { caseId, comparisonId, groups, className, sort });
    useCompare.setState({ selected: null });
  }, [controller, caseId, comparisonId, groups, className, sort]);

  if (error !== null) {
    return (
      <div className="findings-note">
        <ErrorNote title={words.compare.theListCouldNotBeRead} error={error} />
      </div>
    );
  }
  if (total === null) {
    return (
      <div className="findings-note">
        <Skeleton rows={6} height={objectRowHeight} />
      </div>
    );
  }
  if (total === 0) {
    return (
      <Empty icon={Equal} title={words.compare.nothingHere}>
        <p>{words.compare.noObjectOfTheseGroupsChoose}</p>
      </Empty>
    );
  }
  return <Rows caseView={caseView} total={total} />;
}

function Rows({ caseView, total }: { caseView: CaseView; total: number }) {
  const controller = useController();
  const scroller = useRef<HTMLDivElement>(null);
  useObjectList((state) => state.pages);
  const selected = useCompare((state) => state.selected);
  const blind = useView((state) => state.blind);
  // The React compiler is not used here, so that its caution about this hook does not apply.
  // oxlint-disable-next-line react/incompatible-library
  const rows = useVirtualizer({
    count: total,
    getScrollElement: () => scroller.current,
    estimateSize: () => objectRowHeight,
    overscan: 6,
  });
  const position = selected?.position ?? null;
  useEffect(() => {
    if (position !== null && position < total) rows.scrollToIndex(position, { align: 'auto' });
  }, [position, total, rows]);
  const onSelect = useCallback((at: number) => void selectObject(controller, at), [controller]);
  return (
    <div
      ref={scroller}
      className="finding-list scroll"
      role="grid"
      aria-rowcount={total}
      aria-label={words.compare.comparedObjects}
      aria-activedescendant={position === null ? undefined : `object-${position}`}
      tabIndex={0}
      onKeyDown={(event) => {
        if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
          event.preventDefault();
          void stepObject(controller, event.key === 'ArrowDown' ? 1 : -1);
        } else if (event.key === 'Home' || event.key === 'End') {
          event.preventDefault();
          void selectObject(controller, event.key === 'Home' ? 0 : total - 1);
        }
      }}
    >
      <div style={{ height: rows.getTotalSize(), position: 'relative' }}>
        {rows.getVirtualItems().map((row) => {
          const item = objectAt(row.index);
          if (item === null) wantObject(controller.connection, row.index);
          return (
            <div key={row.key} className="finding-slot" style={{ transform: `translateY(${row.start}px)` }}>
              {item === null ? (
                <div className="skeleton finding-skeleton" />
              ) : (
                <ObjectRow
                  item={item}
                  position={row.index}
                  image={caseView.image}
                  selected={selected?.item.index === item.index}
                  blind={blind}
                  onSelect={onSelect}
                />
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}
