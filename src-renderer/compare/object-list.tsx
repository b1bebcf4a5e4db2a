/** What both runs, or one of them, found: a list to step through. */
import { Equal } from 'lucide-react';
import { useCallback, useEffect } from 'react';
import type { CaseView } from '../../src-main/contract/api.ts';
import type { ComparisonSummary } from '../../src-main/contract/compare.ts';
import { useController } from '../app/controller-context.ts';
import { useView } from '../state/view-store.ts';
import { Empty, ErrorNote, Skeleton } from '../ui/messages.tsx';
import { PagedGrid } from '../ui/paged-grid.tsx';
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
  useObjectList((state) => state.pages);
  const selected = useCompare((state) => state.selected);
  const blind = useView((state) => state.blind);
  const position = selected?.position ?? null;
  const onSelect = useCallback((at: number) => void selectObject(controller, at), [controller]);
  return (
    <PagedGrid
      label={words.compare.comparedObjects}
      total={total}
      rowHeight={objectRowHeight}
      position={position}
      selectedId={position === null ? undefined : `object-${position}`}
      onStep={(by) => void stepObject(controller, by)}
      onSelect={onSelect}
      renderRow={(at) => {
        const item = objectAt(at);
        if (item === null) {
          wantObject(controller.connection, at);
          return null;
        }
        return (
          <ObjectRow
            item={item}
            position={at}
            image={caseView.image}
            selected={selected?.item.index === item.index}
            blind={blind}
            onSelect={onSelect}
          />
        );
      }}
    />
  );
}
