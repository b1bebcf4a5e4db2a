/** The findings of a run: threshold, filter, and a list that goes to each of them. */
import { Crosshair, ScanSearch } from 'lucide-react';
import { useCallback, useEffect, useRef } from 'react';
import type { CaseView } from '../../src-main/contract/api.ts';
import type { FindingView } from '../../src-main/contract/finding.ts';
import type { ModelManifest } from '../../src-main/contract/model.ts';
import type { RunView } from '../../src-main/contract/run.ts';
import { useController } from '../app/controller-context.ts';
import { useCase } from '../state/case-store.ts';
import { useReader } from '../state/reading.ts';
import { useView } from '../state/view-store.ts';
import { Empty, ErrorNote } from '../ui/messages.tsx';
import { PagedGrid } from '../ui/paged-grid.tsx';
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
import { filters } from './list-ways.ts';
import { ThresholdHistogram } from './threshold-histogram.tsx';
import { words } from '../words/words.ts';

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
            label={words.findings.showFindings}
            className="filter-select"
            value={filter}
            options={filters}
            onChange={(verdictFilter) => set({ verdictFilter })}
          />
          <ListOptions run={run} manifest={manifest} />
        </div>
        <Numbers run={run} manifest={manifest}>
          <span className="findings-total numeric" role="status">
            {total === null ? '' : words.counts.findings(total)}
          </span>
        </Numbers>
        {provisional !== undefined && (
          <p className="findings-provisional">
            {words.findings.soFarFromThoseWithADashed(words.counts.tiles(provisional.tiles))}
          </p>
        )}
      </div>
      {findingsError !== null || error !== null ? (
        <div className="findings-note">
          <ErrorNote
            title={words.findings.theFindingsCouldNotBeRead}
            error={findingsError ?? error ?? { code: 'internal', message: '' }}
          />
        </div>
      ) : waiting ? (
        <Empty icon={ScanSearch} title={words.findings.noFindingsYet}>
          <p>{words.findings.theyAppearAsTilesAreAnalysed}</p>
        </Empty>
      ) : total === 0 ? (
        <Empty
          icon={Crosshair}
          title={filter === 'all' ? words.findings.nothingAtThisThreshold : words.findings.nothingHere}
        >
          <p>
            {filter === 'all'
              ? words.findings.lowerTheThresholdToSeeWhatTheModel
              : words.findings.noFindingAtThisThresholdHasThisDecision}
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
  /** null: not known yet. */
  total: number | null;
}

function FindingList({ caseView, manifest, total }: FindingListProps) {
  const controller = useController();
  useFindingList((state) => state.pages);
  const selected = useView((state) => state.selectedFinding);
  const blind = useView((state) => state.blind);
  const position = selected?.position ?? null;
  const onSelect = useCallback((at: number) => void selectPosition(controller, at), [controller]);
  const onDecide = useCallback(
    (finding: FindingView, verdict: 'accepted' | 'rejected' | null) =>
      void decideFinding(controller, finding, { verdict }),
    [controller],
  );
  return (
    <PagedGrid
      label={words.findings.findings}
      total={total}
      rowHeight={rowHeight}
      position={position}
      selectedId={position === null ? undefined : `finding-${position}`}
      onStep={(by) => void stepFinding(controller, by)}
      onSelect={onSelect}
      onShown={noteShown}
      renderRow={(at) => {
        const finding = findingAt(at);
        if (finding === null) {
          wantPosition(controller.connection, at);
          return null;
        }
        return (
          <FindingRow
            finding={finding}
            position={at}
            image={caseView.image}
            color={classColor(manifest, finding.classIndex)}
            blind={blind}
            selected={selected?.finding.id === finding.id}
            onSelect={onSelect}
            onDecide={onDecide}
          />
        );
      }}
    />
  );
}
