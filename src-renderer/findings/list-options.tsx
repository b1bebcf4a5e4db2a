/** How the list is sorted and what else it is narrowed to, and how findings are read: blind, or as a second reader. */
import { CommandButton } from '../app/command-button.tsx';
import { Popover } from '@base-ui/react/popover';
import { ArrowDownNarrowWide, ArrowUpNarrowWide, SlidersHorizontal } from 'lucide-react';
import type { ModelManifest } from '../../src-main/contract/model.ts';
import type { RunView } from '../../src-main/contract/run.ts';
import { useController } from '../app/controller-context.ts';
import { useAnswer } from '../client/use-answer.ts';
import { useCase } from '../state/case-store.ts';
import { usePreferences } from '../state/preferences.ts';
import { useView, wholeList, type ListChoice } from '../state/view-store.ts';
import { score } from '../ui/format.ts';
import { Select } from '../ui/select.tsx';
import { Slider } from '../ui/slider.tsx';
import { SwitchRow } from '../ui/switch-row.tsx';
import { classColor } from './class-color.ts';
import { sorts } from './list-ways.ts';
import { words } from '../words/words.ts';

const anyone = '';

interface ListOptionsProps {
  run: RunView;
  manifest: ModelManifest | null;
}

export function ListOptions({ run, manifest }: ListOptionsProps) {
  const list = useView((state) => state.list);
  const set = useView((state) => state.set);
  const change = (values: Partial<ListChoice>) => set({ list: { ...list, ...values } });
  const narrowed = list.classes !== null || list.highest < 1 || list.reviewer !== null;
  return (
    <div className="list-options">
      <Select
        label={words.findings.sortBy}
        className="sort-select"
        value={list.sort}
        options={sorts}
        onChange={(sort) => change({ sort })}
      />
      <CommandButton
        id="sort-reverse"
        label={list.reverse ? words.findings.sortedTheOtherWayRound : words.findings.sortTheOtherWayRound}
        pressed={list.reverse}
      >
        {list.reverse ? <ArrowUpNarrowWide aria-hidden /> : <ArrowDownNarrowWide aria-hidden />}
      </CommandButton>
      <Popover.Root>
        <Popover.Trigger
          className="button button-quiet icon-button"
          aria-label={narrowed ? words.findings.filterAndReadingFiltered : words.findings.filterAndReading}
          aria-pressed={narrowed}
        >
          <SlidersHorizontal aria-hidden />
        </Popover.Trigger>
        <Popover.Portal>
          <Popover.Positioner className="positioner" sideOffset={4} align="end">
            <Popover.Popup className="popup list-popup" aria-label={words.findings.filterAndReading}>
              <Filters run={run} manifest={manifest} list={list} change={change} />
            </Popover.Popup>
          </Popover.Positioner>
        </Popover.Portal>
      </Popover.Root>
    </div>
  );
}

interface FiltersProps extends ListOptionsProps {
  list: ListChoice;
  change: (values: Partial<ListChoice>) => void;
}

function Filters({ run, manifest, list, change }: FiltersProps) {
  const controller = useController();
  const version = useCase((state) => state.findingsVersion);
  const blind = useView((state) => state.blind);
  const secondReader = useView((state) => state.secondReader);
  const set = useView((state) => state.set);
  const reviewer = usePreferences((state) => state.reviewer);
  const agreement = useAnswer(`${run.id} ${version}`, (signal) =>
    controller.connection.api.decisions.agreement({ caseId: run.caseId, runId: run.id }, { signal }),
  );
  const classes = manifest?.classes ?? [];
  const isShown = (index: number) => list.classes === null || list.classes.includes(index);
  const toggle = (index: number): void => {
    const shown = classes.flatMap((_, i) => (isShown(i) !== (i === index) ? [i] : []));
    change({ classes: shown.length === classes.length ? null : shown });
  };
  const reviewers = agreement.value?.reviewers ?? [];
  return (
    <div className="list-filters">
      {classes.length > 1 && (
        <fieldset>
          <legend className="label">{words.findings.classes}</legend>
          {classes.map(({ name }, index) => (
            <label key={name} className="check-row">
              <input type="checkbox" checked={isShown(index)} onChange={() => toggle(index)} />
              <span className="swatch" style={{ background: classColor(manifest, index) }} />
              {name}
            </label>
          ))}
        </fieldset>
      )}
      <Slider
        label={words.findings.highestScore}
        value={list.highest}
        min={0}
        max={1}
        step={0.01}
        format={score}
        onChange={(highest) => change({ highest })}
      />
      {reviewers.length > 0 && !secondReader && (
        <div className="field">
          <span className="label">{words.findings.decidedBy}</span>
          <Select
            label={words.findings.decidedBy}
            className="select-wide"
            value={list.reviewer ?? anyone}
            options={[
              { value: anyone, label: words.findings.anyoneOrNobody },
              ...reviewers.map(({ name }) => ({ value: name, label: name })),
            ]}
            onChange={(name) => change({ reviewer: name === anyone ? null : name })}
          />
        </div>
      )}
      <button
        type="button"
        className="link"
        onClick={() => change({ classes: null, highest: wholeList.highest, reviewer: null })}
      >
        {words.findings.clearTheFilter}
      </button>
      <div className="menu-separator" />
      <SwitchRow
        label={words.findings.blindScoresHiddenUntilDecided}
        checked={blind}
        onChange={(on) => set({ blind: on })}
      />
      <SwitchRow
        label={words.findings.secondReadingOnlyMyOwnDecisions}
        checked={secondReader}
        onChange={(on) => set({ secondReader: on })}
      />
      {secondReader && (
        <p className="field-hint">
          {reviewer.trim() === ''
            ? words.findings.setYourNameAsTheReviewer
            : words.findings.whatOthersDecidedIsHiddenFrom(reviewer.trim())}
        </p>
      )}
    </div>
  );
}
