/** The open case: bar on top, image, run bar below it, panel beside it. */
import { Tabs } from '@base-ui/react/tabs';
import { Microscope } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { loadAnnotations } from '../annotations/annotation-actions.ts';
import { AnnotationsPanel } from '../annotations/annotations-panel.tsx';
import { CaseNotices } from '../case-file/case-notices.tsx';
import { ComparePanel } from '../compare/compare-panel.tsx';
import { useCompare } from '../compare/compare-store.ts';
import { FindingsPanel } from '../findings/findings-panel.tsx';
import { ModelPicker } from '../runs/model-picker.tsx';
import { RunBar } from '../runs/run-bar.tsx';
import { RunPanel } from '../runs/run-panel.tsx';
import { TilesPanel } from '../runs/tiles-panel.tsx';
import { SplitPane } from '../split/split-pane.tsx';
import { useSplit } from '../split/split-store.ts';
import { useAnnotations } from '../state/annotation-store.ts';
import { modelOf, selectedRun, useCase } from '../state/case-store.ts';
import { usePreferences } from '../state/preferences.ts';
import { panelTabs, useView, type PanelTab } from '../state/view-store.ts';
import { TourCard } from '../tour/tour-card.tsx';
import { count } from '../ui/format.ts';
import { Empty } from '../ui/messages.tsx';
import { Stage } from '../viewer/stage.tsx';
import { useController } from './controller-context.ts';
import { TopBar } from './top-bar.tsx';
import { words } from '../words/words.ts';

const narrowest = 320;
const widest = 560;

export function CaseScreen() {
  const caseView = useCase((state) => state.caseView);
  const run = useCase(selectedRun);
  const card = useCase((state) => modelOf(state, selectedRun(state)));
  const panelWidth = usePreferences((state) => state.panelWidth);
  const split = useSplit((state) => state.shown);
  const controller = useController();
  const caseId = caseView?.id ?? null;
  useEffect(() => {
    if (caseId !== null) void loadAnnotations(controller, caseId);
  }, [controller, caseId]);
  if (caseView === null) return null;
  const manifest = card?.manifest ?? null;
  return (
    <div
      className="case"
      data-only-look={caseView.readOnly !== undefined}
      style={{ gridTemplateColumns: `minmax(0, 1fr) ${panelWidth}px` }}
    >
      <TopBar caseView={caseView} />
      <main className="case-image">
        <div
          className="stages"
          data-split={split !== null}
          onPointerDownCapture={touched}
          onWheelCapture={touched}
          onFocusCapture={touched}
        >
          <Stage caseView={caseView} run={run} manifest={manifest} />
          {split !== null && <SplitPane first={caseView} shown={split} />}
        </div>
        <CaseNotices />
        <TourCard />
        <RunBar />
      </main>
      <aside className="panel" aria-label={words.app.panelUpper}>
        <PanelEdge />
        <Panel />
      </aside>
    </div>
  );
}

/** Keys move the view that was touched last. */
function touched({ target }: { target: EventTarget }): void {
  const isSecond = target instanceof Element && target.closest('.split-pane') !== null;
  const side = isSecond ? 'second' : 'first';
  if (useSplit.getState().side !== side) useSplit.setState({ side });
}

function Panel() {
  const caseView = useCase((state) => state.caseView);
  const run = useCase(selectedRun);
  const card = useCase((state) => modelOf(state, selectedRun(state)));
  const choosing = useView((state) => state.choosingModel);
  const comparing = useCompare((state) => state.runB !== null);
  const tab = useView((state) => state.tab);
  const set = useView((state) => state.set);
  const drawn = useAnnotations((state) => state.items.length);
  if (caseView === null) return null;
  if (run === null && caseView.readOnly !== undefined) {
    return <Empty icon={Microscope} title={words.app.nothingWasAnalysedInThisCase} />;
  }
  if (comparing && run !== null && !choosing) return <ComparePanel caseView={caseView} run={run} />;
  const badges = {
    run: 0,
    findings: run?.findings ?? 0,
    tiles: run?.tiles.failed ?? 0,
    annotations: drawn,
  };
  // A region is drawn before the run that keeps to it.
  const tabs: readonly PanelTab[] = run === null ? ['run', 'annotations'] : panelTabs;
  return (
    <Tabs.Root
      className="panel-tabs"
      value={tabs.includes(tab) ? tab : 'run'}
      onValueChange={(next) => {
        const known = panelTabs.find((name) => name === next);
        if (known !== undefined) set({ tab: known });
      }}
    >
      <Tabs.List className="tab-list" aria-label={words.app.panelUpper}>
        {tabs.map((name) => (
          <Tabs.Tab key={name} value={name} className="tab">
            {words.app.tabs[name]}
            {badges[name] > 0 && (
              <span className={`tab-badge numeric ${name === 'tiles' ? 'tab-badge-bad' : ''}`}>
                {count(badges[name])}
              </span>
            )}
          </Tabs.Tab>
        ))}
        <Tabs.Indicator className="tab-indicator" />
      </Tabs.List>
      {choosing || run === null ? (
        // Kept alive: what was filled in is there again after a region was drawn.
        <Tabs.Panel key="picker" value="run" className="tab-panel" keepMounted>
          <ModelPicker caseView={caseView} canCancel={run !== null} />
        </Tabs.Panel>
      ) : (
        <Tabs.Panel key="run" value="run" className="tab-panel">
          <RunPanel caseView={caseView} run={run} manifest={card?.manifest ?? null} />
        </Tabs.Panel>
      )}
      {run !== null && (
        <>
          {/* Kept alive: J and K walk through its list from any tab. */}
          <Tabs.Panel value="findings" className="tab-panel" keepMounted>
            <FindingsPanel caseView={caseView} run={run} manifest={card?.manifest ?? null} />
          </Tabs.Panel>
          <Tabs.Panel value="tiles" className="tab-panel">
            <TilesPanel run={run} />
          </Tabs.Panel>
        </>
      )}
      <Tabs.Panel value="annotations" className="tab-panel">
        <AnnotationsPanel caseView={caseView} />
      </Tabs.Panel>
    </Tabs.Root>
  );
}

const clamp = (value: number) => Math.round(Math.min(widest, Math.max(narrowest, value)));

/** Drags the panel wider or narrower; arrow keys do the same. */
function PanelEdge() {
  const width = usePreferences((state) => state.panelWidth);
  const setWidth = usePreferences((state) => state.setPanelWidth);
  const from = useRef<{ x: number; width: number } | null>(null);
  return (
    <div
      className="panel-edge"
      role="separator"
      aria-label={words.app.widthOfThePanel}
      aria-orientation="vertical"
      aria-valuemin={narrowest}
      aria-valuemax={widest}
      aria-valuenow={width}
      tabIndex={0}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        from.current = { x: event.clientX, width };
      }}
      onPointerMove={(event) => {
        if (from.current !== null) setWidth(clamp(from.current.width + from.current.x - event.clientX));
      }}
      onPointerUp={() => {
        from.current = null;
      }}
      onKeyDown={(event) => {
        const step = event.key === 'ArrowLeft' ? 16 : event.key === 'ArrowRight' ? -16 : 0;
        if (step === 0) return;
        event.preventDefault();
        event.stopPropagation();
        setWidth(clamp(width + step));
      }}
    />
  );
}
