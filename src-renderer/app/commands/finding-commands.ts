/** Going through findings and judging them. */
import type { Verdict } from '../../../src-main/contract/finding.ts';
import { stepObject } from '../../compare/compare-actions.ts';
import { isComparing, useCompare } from '../../compare/compare-store.ts';
import { decide, relabel, stepFinding } from '../../findings/finding-actions.ts';
import { cancelHotspotSearch, useHotspotSearch } from '../../findings/hotspot-search.ts';
import { filters, sorts } from '../../findings/list-ways.ts';
import { markHotspot } from '../../findings/mark-hotspot.ts';
import { modelOf, selectedRun, useCase } from '../../state/case-store.ts';
import type { Controller } from '../../state/controller.ts';
import { useView } from '../../state/view-store.ts';
import { redo, undo } from '../undo.ts';
import { asking } from './asking.ts';
import type { Command } from './command.ts';
import { words } from '../../words/words.ts';

const hasRun = () => selectedRun(useCase.getState()) !== null;
const hasCase = () => useCase.getState().caseView !== null;
const hasFinding = () => useView.getState().selectedFinding !== null;

const selectedObject = () => useCompare.getState().selected?.item ?? null;

function classCount(): number {
  const state = useCase.getState();
  return modelOf(state, selectedRun(state))?.manifest.classes.length ?? 0;
}

/** Of what is compared, objects that A found: they are findings of the run that is looked at. */
const canDecide = () => hasRun() && (!isComparing() || hasFinding());

function step(controller: Controller, by: 1 | -1): void {
  void (isComparing() ? stepObject(controller, by) : stepFinding(controller, by));
}

async function decideAndGoOn(controller: Controller, verdict: Verdict): Promise<void> {
  const stored = decide(controller, verdict);
  if (isComparing()) await stepObject(controller, 1);
  await stored;
}

export const mostRelabelKeys = 9;

export const findingCommands: readonly Command[] = [
  {
    id: 'next',
    label: words.app.nextFinding,
    group: 'Findings',
    keys: ['j'],
    isEnabled: hasRun,
    run: (controller) => step(controller, 1),
  },
  {
    id: 'previous',
    label: words.app.previousFinding,
    group: 'Findings',
    keys: ['k'],
    isEnabled: hasRun,
    run: (controller) => step(controller, -1),
  },
  {
    id: 'accept',
    writes: true,
    label: words.app.acceptAndGoOn,
    group: 'Findings',
    keys: ['a'],
    isEnabled: canDecide,
    run: (controller) => void decideAndGoOn(controller, 'accepted'),
  },
  {
    id: 'reject',
    writes: true,
    label: words.app.rejectAndGoOn,
    group: 'Findings',
    keys: ['x'],
    isEnabled: canDecide,
    run: (controller) => void decideAndGoOn(controller, 'rejected'),
  },
  ...Array.from({ length: mostRelabelKeys }, (_, i): Command => ({
    id: `relabel-${i + 1}`,
    writes: true,
    label: words.app.acceptAsClass(i + 1),
    group: 'Findings',
    keys: [String(i + 1)],
    isEnabled: () => hasFinding() && i < classCount(),
    run: (controller) => void relabel(controller, i),
  })),
  {
    id: 'clear',
    writes: true,
    label: words.app.clearTheDecision,
    group: 'Findings',
    keys: ['u'],
    isEnabled: canDecide,
    run: (controller) => void decide(controller, null),
  },
  {
    id: 'undo',
    writes: true,
    label: words.app.undoMyLastDecisionOrDrawing,
    group: 'Findings',
    keys: ['z', 'mod+z'],
    isEnabled: hasCase,
    run: (controller) => void undo(controller),
  },
  {
    id: 'redo',
    writes: true,
    label: words.app.redoWhatWasUndone,
    group: 'Findings',
    keys: ['shift+z', 'mod+shift+z'],
    isEnabled: hasCase,
    run: (controller) => void redo(controller),
  },
  {
    id: 'note',
    writes: true,
    label: words.app.writeANote,
    group: 'Findings',
    keys: ['n'],
    isEnabled: () => hasFinding() && !isComparing(),
    run: () => useView.getState().set({ noteOpen: true, tab: 'findings' }),
  },
  {
    id: 'show-finding',
    label: words.app.goToTheSelectedFinding,
    group: 'Findings',
    keys: ['enter'],
    isEnabled: () => hasFinding() || selectedObject() !== null,
    run: () => {
      const { selectedFinding, fly } = useView.getState();
      const object = selectedObject();
      const box = (object?.a ?? object?.b ?? selectedFinding?.finding)?.box;
      if (box !== undefined) fly(box);
    },
  },
  {
    id: 'sort-reverse',
    label: words.app.sortFindingsTheOtherWayRound,
    group: 'Findings',
    keys: [],
    isEnabled: hasRun,
    run: () => {
      const { list, set } = useView.getState();
      set({ list: { ...list, reverse: !list.reverse } });
    },
  },
  asking({
    id: 'sort-by',
    label: words.commands.sortFindingsBy,
    group: 'Findings',
    isEnabled: hasRun,
    choices: () =>
      sorts.map(({ value, label, hint }) => ({
        id: value,
        label,
        hint,
        run: () => {
          const { list, set } = useView.getState();
          set({ list: { ...list, sort: value }, tab: 'findings' });
        },
      })),
  }),
  asking({
    id: 'show-only',
    label: words.commands.showOnlyFindings,
    group: 'Findings',
    isEnabled: hasRun,
    choices: () =>
      filters.map(({ value, label, hint }) => ({
        id: value,
        label,
        hint,
        run: () => useView.getState().set({ verdictFilter: value, tab: 'findings' }),
      })),
  }),
  {
    id: 'mark-hotspot',
    writes: true,
    label: words.app.markTheDensestPlace,
    group: 'Findings',
    keys: [],
    isEnabled: hasRun,
    run: (controller) => void markHotspot(controller),
  },
  {
    id: 'cancel-hotspot',
    label: words.findings.giveUpTheSearch,
    group: 'Findings',
    keys: [],
    isEnabled: () => useHotspotSearch.getState().isTold,
    run: cancelHotspotSearch,
  },
  {
    id: 'blind',
    label: words.app.hideOrShowScoresUntilDecided,
    group: 'Findings',
    keys: [],
    isEnabled: hasRun,
    run: () => useView.getState().set({ blind: !useView.getState().blind }),
  },
  {
    id: 'second-reader',
    label: words.app.secondReadingHideOrShowTheDecisions,
    group: 'Findings',
    keys: [],
    isEnabled: hasRun,
    run: () => useView.getState().set({ secondReader: !useView.getState().secondReader }),
  },
];
