/** The findings of a run: threshold, filter, and a list that goes to each of them. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { Crosshair, ScanSearch } from 'lucide-react';
import { useCallback, useEffect, useRef } from 'react';
import type { CaseView } from '../../src-main/contract/api.ts';
import type { FindingView } from '../../src-main/contract/finding.ts';
import type { ModelManifest } from '../../src-main/contract/model.ts';
import type { RunView } from '../../src-main/contract/run.ts';
import { useController } from '../app/controller-context.ts';
import { useCase } from '../state/case-store.ts';
import { useReader } from '../state/reading.ts';
import { useView, type VerdictFilter } from '../state/view-store.ts';
import { plural } from '../ui/format.ts';
import { Empty, ErrorNote, Skeleton } from '../ui/messages.tsx';
import { Select } from '../ui/select.tsx';
import { decideFinding, placeSelection, selectPosition, stepFinding } from './finding-actions.ts';
import {
  findingAt,
  isSameList,
  noteShown,
  renewList,
  startList,
  useFindingList,
  wantPosition,
} from './finding-list-store.ts';
import { classColor } from './class-color.ts';
import { FindingDetail } from './finding-detail.tsx';
import { FindingRow, rowHeight } from './finding-row.tsx';
import { ListOptions } from './list-options.tsx';
import { Numbers } from './numbers.tsx';
import { ThresholdHistogram } from './threshold-histogram.tsx';

const filters: readonly { value: VerdictFilter; label: string; hint: string }[] = [
  { value: 'all', label: 'All', hint: 'Whatever was decided' },
  { value: 'undecided', label: 'Open', hint: 'Nothing decided yet' },
  { value: 'accepted', label: 'Accepted', hint: '' },
  { value: 'rejected', label: 'Rejected', hint: '' },
  { value: 'relabelled', label: 'Relabelled', hint: 'Accepted as another class than the model’s' },
  { value: 'noted', label: 'With a note', hint: '' },
  { value: 'disagreed', label: 'Disagreed', hint: 'Reviewers differ' },
];

/** Moving the slider asks the engine only when it rests. */
const settleMs = 200;

interface FindingsPanelProps {
  caseView: CaseView;
  run: RunView;
  manifest: ModelManifest | null;
}

export function FindingsPanel({ caseView, run, manifest }: FindingsPanelProps) {
  const controller = useController();
  const filter = useView((state) => state.verdictFilter);
  const threshold = useView((state) => state.threshold);
  const set = useView((state) => state.set);
  const findings = useCase((state) => state.findings);
  const findingsError = useCase((state) => state.findingsError);
  const total = useFindingList((state) => state.total);
  const error = useFindingList((state) => state.error);

  const provisional = useCase((state) => state.live?.provisional);
  const list = useView((state) => state.list);
  const reader = useReader();
  const shownReader = useRef(reader);
  useEffect(() => {
    if (shownReader.current === reader) return;
    shownReader.current = reader;
    // What is selected may hold another reviewer's decision.
    set({ selectedFinding: null });
    controller.renewFindings();
  }, [controller, reader, set]);

  // Another run, filter or threshold are another list; new findings of the same run renew it.
  useEffect(() => {
    if (findings === null && run.state === 'running') {
      startList(controller.connection, null);
      return undefined;
    }
    const wanted = { caseId: run.caseId, runId: run.id, threshold, verdict: filter, list, by: reader };
    const { query, total: known } = useFindingList.getState();
    if (known !== null && query !== null && isSameList(query, wanted)) {
      void renewList(controller.connection).then(placeSelection);
      return undefined;
    }
    const timer = setTimeout(() => startList(controller.connection, wanted), settleMs);
    return () => clearTimeout(timer);
  }, [controller, run.caseId, run.id, run.state, threshold, filter, list, reader, findings]);

  const waiting = run.state === 'running' && (total ?? 0) === 0 && filter === 'all';
  return (
    <div className="findings">
      <div className="findings-head">
        <ThresholdHistogram keepFrom={manifest?.keepFrom ?? 0} />
        <div className="findings-filter">
          <Select
            label="Show findings"
            className="filter-select"
            value={filter}
            options={filters}
            onChange={(verdictFilter) => set({ verdictFilter })}
          />
          <ListOptions run={run} manifest={manifest} />
        </div>
        <Numbers run={run} manifest={manifest}>
          <span className="findings-total numeric" role="status">
            {total === null ? '' : plural(total, 'finding')}
          </span>
        </Numbers>
        {provisional !== undefined && (
          <p className="findings-provisional">
            So far, from {plural(provisional.tiles, 'tile')}. Those with a dashed edge lie beside tiles that
            are still to come, and may change.
          </p>
        )}
      </div>
      {findingsError !== null || error !== null ? (
        <div className="findings-note">
          <ErrorNote
            title="The findings could not be read"
            error={findingsError ?? error ?? { code: 'internal', message: '' }}
          />
        </div>
      ) : waiting ? (
        <Empty icon={ScanSearch} title="No findings yet">
          <p>
            They appear as tiles are analysed, and are final when all of them are. The colours in the image
            show what the model says of each tile.
          </p>
        </Empty>
      ) : total === null ? (
        <div className="findings-note">
          <Skeleton rows={8} height={rowHeight} />
        </div>
      ) : total === 0 ? (
        <Empty icon={Crosshair} title={filter === 'all' ? 'Nothing at this threshold' : 'Nothing here'}>
          <p>
            {filter === 'all'
              ? 'Lower the threshold to see what the model was less sure of.'
              : 'No finding at this threshold has this decision.'}
          </p>
        </Empty>
      ) : (
        <FindingList caseView={caseView} manifest={manifest} total={total} />
      )}
      <FindingDetail run={run} manifest={manifest} />
    </div>
  );
}

interface FindingListProps {
  caseView: CaseView;
  manifest: ModelManifest | null;
  total: number;
}

function FindingList({ caseView, manifest, total }: FindingListProps) {
  const controller = useController();
  const scroller = useRef<HTMLDivElement>(null);
  useFindingList((state) => state.pages);
  const selected = useView((state) => state.selectedFinding);
  const blind = useView((state) => state.blind);
  // The React compiler is not used here, so that its caution about this hook does not apply.
  // oxlint-disable-next-line react/incompatible-library
  const rows = useVirtualizer({
    count: total,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 6,
  });
  const items = rows.getVirtualItems();
  const firstShown = items[0]?.index ?? 0;
  const lastShown = items.at(-1)?.index ?? 0;
  useEffect(() => noteShown(firstShown, lastShown), [firstShown, lastShown]);
  const position = selected?.position ?? null;
  useEffect(() => {
    if (position !== null && position < total) rows.scrollToIndex(position, { align: 'auto' });
  }, [position, total, rows]);
  const onSelect = useCallback((at: number) => void selectPosition(controller, at), [controller]);
  const onDecide = useCallback(
    (finding: FindingView, verdict: 'accepted' | 'rejected' | null) =>
      void decideFinding(controller, finding, { verdict }),
    [controller],
  );
  return (
    <div
      ref={scroller}
      className="finding-list scroll"
      role="grid"
      aria-rowcount={total}
      aria-label="Findings"
      aria-activedescendant={position === null ? undefined : `finding-${position}`}
      tabIndex={0}
      onKeyDown={(event) => {
        if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
          event.preventDefault();
          void stepFinding(controller, event.key === 'ArrowDown' ? 1 : -1);
        } else if (event.key === 'Home' || event.key === 'End') {
          event.preventDefault();
          void selectPosition(controller, event.key === 'Home' ? 0 : total - 1);
        }
      }}
    >
      <div style={{ height: rows.getTotalSize(), position: 'relative' }}>
        {items.map((row) => {
          const finding = findingAt(row.index);
          if (finding === null) wantPosition(controller.connection, row.index);
          return (
            <div key={row.key} className="finding-slot" style={{ transform: `translateY(${row.start}px)` }}>
              {finding === null ? (
                <div className="skeleton finding-skeleton" />
              ) : (
                <FindingRow
                  finding={finding}
                  position={row.index}
                  image={caseView.image}
                  color={classColor(manifest, finding.classIndex)}
                  blind={blind}
                  selected={selected?.finding.id === finding.id}
                  onSelect={onSelect}
                  onDecide={onDecide}
                />
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}
