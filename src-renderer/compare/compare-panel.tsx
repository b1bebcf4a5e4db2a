/** Two runs side by side in numbers, and the list of what differs; in the place of the panel's tabs. */
import { ArrowUpDown, Download, RefreshCw, X } from 'lucide-react';
import { useEffect } from 'react';
import type { CaseView } from '../../src-main/contract/api.ts';
import { comparisonGroups, leastIou, usualIou } from '../../src-main/contract/compare.ts';
import type { RunView } from '../../src-main/contract/run.ts';
import { groupNames } from '../../src-main/core/compare/group-colours.ts';
import { CommandAction } from '../app/command-action.tsx';
import { CommandButton } from '../app/command-button.tsx';
import { useController } from '../app/controller-context.ts';
import { stateLabel } from '../runs/run-words.ts';
import { useCase } from '../state/case-store.ts';
import { Button } from '../ui/button.tsx';
import { Disclosure } from '../ui/disclosure.tsx';
import { count, moment, score } from '../ui/format.ts';
import { ErrorNote, Skeleton } from '../ui/messages.tsx';
import { Select } from '../ui/select.tsx';
import { Slider } from '../ui/slider.tsx';
import { SwitchRow } from '../ui/switch-row.tsx';
import { renewComparison, startComparison } from './compare-actions.ts';
import { compareAgain, toggleGroup, useCompare } from './compare-store.ts';
import { ComparisonNumbers } from './comparison-numbers.tsx';
import { GroupMark } from './group-mark.tsx';
import { ObjectList } from './object-list.tsx';
import { words } from '../words/words.ts';

/** Moving a slider asks the engine only when it rests. */
const settleMs = 250;

export function ComparePanel({ caseView, run }: { caseView: CaseView; run: RunView }) {
  const controller = useController();
  const runB = useCompare((state) => state.runB);
  const options = useCompare((state) => state.options);
  const summary = useCompare((state) => state.summary);
  const error = useCompare((state) => state.error);
  const other = caseView.runs.find(({ id }) => id === runB);
  // A run that has gone on since has other findings.
  const stamp = `${run.state} ${run.findings} ${other?.state} ${other?.findings}`;
  const turn = useCompare((state) => state.turn);
  const tilesKnown = useCase((state) => state.tiles !== null);
  const question = `${run.id} ${runB} ${JSON.stringify(options)} ${stamp} ${tilesKnown} ${turn}`;
  useEffect(() => {
    if (question === '') return undefined;
    const ended = new AbortController();
    const timer = setTimeout(() => void renewComparison(controller, ended.signal), settleMs);
    return () => {
      clearTimeout(timer);
      ended.abort();
    };
  }, [controller, question]);
  // The run that is looked at became the one that it was compared with.
  useEffect(() => {
    if (runB === run.id) startComparison();
  }, [run.id, runB]);

  const shown = summary?.runA === run.id && summary.runB === runB ? summary : null;
  return (
    <section className="compare" aria-label={words.compare.comparison}>
      <div className="compare-head scroll">
        <div className="section-head">
          <h2 className="section-title">{words.compare.compareRuns}</h2>
          <CommandButton id="leave" label={words.compare.leaveTheComparison}>
            <X aria-hidden />
          </CommandButton>
        </div>
        <Runs caseView={caseView} run={run} />
        <Options />
        {error !== null ? (
          <ErrorNote title={words.compare.theRunsCouldNotBeCompared} error={error}>
            <Button size="small" onClick={compareAgain}>
              {words.compare.compareAgain}
            </Button>
          </ErrorNote>
        ) : shown === null ? (
          <Skeleton rows={3} height={40} />
        ) : (
          <>
            <ComparisonNumbers summary={shown} />
            <div className="compare-save" role="group" aria-label={words.compare.saveAs}>
              <Download aria-hidden />
              <span>{words.compare.saveAs}</span>
              <CommandAction id="save-differences-csv" size="small">
                {words.compare.csv}
              </CommandAction>
              <CommandAction id="save-differences-geojson" size="small">
                {words.compare.geojson}
              </CommandAction>
            </div>
          </>
        )}
      </div>
      {shown !== null && (
        <>
          <ListChoice />
          <ObjectList caseView={caseView} summary={shown} />
        </>
      )}
    </section>
  );
}

function Runs({ caseView, run }: { caseView: CaseView; run: RunView }) {
  const controller = useController();
  const runB = useCompare((state) => state.runB);
  const options = caseView.runs
    .toSorted((a, b) => b.createdAt.localeCompare(a.createdAt))
    .map((other) => ({
      value: other.id,
      label: `${other.id} · ${other.modelName}`,
      hint: `${moment(other.createdAt)}, ${stateLabel(other.state)}`,
    }));
  return (
    <div className="compare-runs">
      <span className="compare-side">A</span>
      <Select
        label={words.compare.runATheReference}
        className="select-wide"
        value={run.id}
        options={options.filter(({ value }) => value !== runB)}
        onChange={(id) => controller.selectRun(id)}
      />
      <CommandButton id="swap-runs" label={words.compare.swapAAndB} side="left" className="compare-swap">
        <ArrowUpDown aria-hidden />
      </CommandButton>
      <span className="compare-side">B</span>
      <Select
        label={words.compare.runB}
        className="select-wide"
        value={runB ?? ''}
        options={options.filter(({ value }) => value !== run.id)}
        onChange={(id) => useCompare.setState({ runB: id, selected: null })}
      />
    </div>
  );
}

function Options() {
  const chosen = useCompare((state) => state.options);
  const inForce = useCompare((state) => state.summary?.options);
  const options = { ...inForce, ...chosen };
  const choose = (change: typeof chosen): void => useCompare.setState({ options: { ...chosen, ...change } });
  return (
    <div className="compare-options">
      <Slider
        label={words.compare.theSameObjectIouAtLeast}
        value={options.iou ?? usualIou}
        min={leastIou}
        max={1}
        step={0.05}
        format={score}
        onChange={(iou) => choose({ iou })}
      />
      <Disclosure label={words.compare.whatCounts} bodyClassName="compare-more">
        <div className="compare-thresholds">
          <Slider
            label={words.compare.aFromScore}
            value={options.thresholdA ?? 0}
            min={0}
            max={1}
            step={0.01}
            format={score}
            onChange={(thresholdA) => choose({ thresholdA })}
          />
          <Slider
            label={words.compare.bFromScore}
            value={options.thresholdB ?? 0}
            min={0}
            max={1}
            step={0.01}
            format={score}
            onChange={(thresholdB) => choose({ thresholdB })}
          />
        </div>
        <SwitchRow
          label={words.compare.onlyOfTheSameClass}
          checked={options.classAware ?? true}
          onChange={(classAware) => choose({ classAware })}
        />
        <SwitchRow
          label={words.compare.rejectedFindingsToo}
          checked={options.withRejected ?? false}
          onChange={(withRejected) => choose({ withRejected })}
        />
      </Disclosure>
    </div>
  );
}

const sorts = [
  { value: 'score', label: words.compare.byScore, hint: words.compare.highestFirst },
  { value: 'position', label: words.compare.byPosition, hint: words.compare.alongRowsOfTheImage },
] as const;

function ListChoice() {
  const groups = useCompare((state) => state.groups);
  const className = useCompare((state) => state.className);
  const sort = useCompare((state) => state.sort);
  const summary = useCompare((state) => state.summary);
  const counts = summary?.counts;
  const numbers = {
    both: counts?.both,
    'only-a': counts?.onlyA,
    'only-b': counts?.onlyB,
    'other-class': counts?.otherClass,
  };
  const classes = summary?.byClass ?? [];
  return (
    <div className="compare-list-head">
      <div className="compare-groups" role="group" aria-label={words.compare.groupsInTheListAndInTheImage}>
        {comparisonGroups
          .filter((group) => group !== 'other-class' || summary?.options.classAware === false)
          .map((group) => (
            <button
              key={group}
              type="button"
              className="chip chip-button group-chip numeric"
              aria-pressed={groups.includes(group)}
              onClick={() => toggleGroup(group)}
            >
              <GroupMark group={group} />
              {groupNames[group]} {count(numbers[group] ?? 0)}
            </button>
          ))}
      </div>
      <div className="findings-filter">
        {classes.length > 1 && (
          <Select
            label={words.compare.class}
            className="filter-select"
            value={className ?? ''}
            options={[
              { value: '', label: words.compare.allClasses },
              ...classes.map(({ name }) => ({ value: name, label: name })),
            ]}
            onChange={(name) => useCompare.setState({ className: name === '' ? null : name })}
          />
        )}
        <Select
          label={words.compare.sort}
          className="sort-select"
          value={sort}
          options={sorts}
          onChange={(next) => useCompare.setState({ sort: next })}
        />
        <CommandButton id="compare-again" label={words.compare.compareAgainCountWhatWasDecided} side="left">
          <RefreshCw aria-hidden />
        </CommandButton>
      </div>
    </div>
  );
}
