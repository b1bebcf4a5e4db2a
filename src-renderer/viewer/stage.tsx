/** The image with everything that lies on it. */
import { useEffect, useRef, useState } from 'react';
import type { CaseView } from '../../src-main/contract/api.ts';
import type { ModelManifest } from '../../src-main/contract/model.ts';
import type { Rect, RunView } from '../../src-main/contract/run.ts';
import { tileAt } from '../../src-main/core/grid.ts';
import { annotationUnder } from '../annotations/pick.ts';
import { objectUnder, selectIndex } from '../compare/compare-actions.ts';
import { isComparing } from '../compare/compare-store.ts';
import { useComparisonScene } from '../compare/use-comparison-scene.ts';
import { useController } from '../app/controller-context.ts';
import { selectOrdinal } from '../findings/finding-actions.ts';
import { newSelection } from '../findings/selection-turn.ts';
import { useLookOf } from '../look/look-store.ts';
import { useAnnotations } from '../state/annotation-store.ts';
import { selectedRun, useCase } from '../state/case-store.ts';
import type { Controller } from '../state/controller.ts';
import { useView } from '../state/view-store.ts';
import { setCurrentViewer } from './current-viewer.ts';
import { CoverageMap } from './coverage-map.tsx';
import { PreparationNotice } from './preparation-notice.tsx';
import { SlideViewer } from './slide-viewer.ts';
import { StageTools } from './stage-tools.tsx';
import { useScene } from './use-scene.ts';
import { viewSignal } from './view-signal.ts';
import { words } from '../words/words.ts';

/** A run is told of a new view when it has rested this long. */
const settleMs = 300;
/** A look is shown when the hand on its slider has rested this long. */
const lookMs = 80;
/** How far from a finding a click still means it, CSS pixels. */
const clickSlack = 6;

interface StageProps {
  caseView: CaseView;
  run: RunView | null;
  manifest: ModelManifest | null;
}

export function Stage({ caseView, run, manifest }: StageProps) {
  const controller = useController();
  const [stage, setStage] = useState<HTMLDivElement | null>(null);
  const navigator = useRef<HTMLDivElement>(null);
  const viewer = useRef<SlideViewer | null>(null);
  const visible = useRef<Rect | null>(null);
  const [tileError, setTileError] = useState<string | null>(null);
  const [rest, setRest] = useState<Rect | null>(null);
  const scene = useComparisonScene(useScene(run, manifest, rest), rest);
  const latestScene = useRef(scene);
  latestScene.current = scene;
  const { image } = caseView;
  const imageId = image.id;
  const look = useLookOf(image);
  const latestLook = useRef(look);
  latestLook.current = look;

  useEffect(() => {
    if (stage === null || navigator.current === null) return undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const made = new SlideViewer(stage, navigator.current, controller.connection, image, latestLook.current, {
      onView: (view) => viewSignal.set(view),
      onRest: (rect) => {
        visible.current = rect;
        setRest(rect);
        clearTimeout(timer);
        timer = setTimeout(() => void controller.setViewport(rect), settleMs);
      },
      onClick: (point, keys) => clicked(controller, point, keys),
      onTileError: setTileError,
    });
    made.setScene(latestScene.current);
    viewer.current = made;
    setCurrentViewer(made);
    setTileError(null);
    return () => {
      clearTimeout(timer);
      setCurrentViewer(null);
      viewer.current = null;
      viewSignal.set(null);
      made.close();
    };
    // The image's other fields do not change while its id stays.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [stage, controller, imageId]);

  useEffect(() => viewer.current?.setScene(scene));

  useEffect(() => {
    const timer = setTimeout(() => viewer.current?.setLook(look), lookMs);
    return () => clearTimeout(timer);
  }, [look]);

  // A run that starts or goes on learns at once what is in view.
  const running = run?.state === 'running';
  const runId = run?.id;
  useEffect(() => {
    if (running && visible.current !== null) void controller.setViewport(visible.current);
  }, [controller, running, runId]);

  const flyTo = useView((state) => state.flyTo);
  // A decision is painted in this frame, and the view sets off to the next finding after it: both in one frame keep the decision waiting.
  useEffect(() => {
    if (flyTo === null) return;
    const frame = requestAnimationFrame(() => viewer.current?.flyTo(flyTo.rect));
    return () => cancelAnimationFrame(frame);
  }, [flyTo]);

  const tool = useView((state) => state.tool);
  const peeking = useView((state) => state.peeking);
  return (
    <div className={`stage stage-${tool}`}>
      <div
        ref={setStage}
        className="stage-viewer"
        aria-label={words.viewer.image(image.name)}
        role="application"
      />
      <StageTools image={image} stage={stage} run={run} manifest={manifest} />
      <PreparationNotice imageId={imageId} onShown={() => viewer.current?.renew()} />
      <div className="minimap">
        <div ref={navigator} className="minimap-view" aria-hidden />
        <CoverageMap caseId={caseView.id} image={image} rest={rest} />
      </div>
      {peeking && <div className="peek-note">{words.viewer.bareImage}</div>}
      {tileError !== null && (
        <div className="tile-error" role="status">
          {words.viewer.someOfTheImageCouldNotBeRead(tileError)}
        </div>
      )}
    </div>
  );
}

function clicked(controller: Controller, point: { x: number; y: number }, keys: { alt: boolean }): void {
  const { tool, threshold, showFindings, set } = useView.getState();
  const state = useCase.getState();
  const run = selectedRun(state);
  newSelection();
  if (tool === 'inspect' || keys.alt) {
    if (run !== null && run.grid !== null)
      set({ selectedTile: tileAt(run.grid, point.x, point.y), tab: 'tiles' });
    return;
  }
  const scale = viewSignal.value?.scale ?? 1;
  if (isComparing()) {
    const index = objectUnder(point, clickSlack / scale);
    if (index !== null) void selectIndex(controller, index);
    return;
  }
  const drawn = annotationUnder(point, clickSlack / scale);
  if (drawn?.at === 'edge') {
    useAnnotations.setState({ selected: drawn.id });
    set({ tab: 'annotations' });
    return;
  }
  const ordinal = showFindings
    ? (state.findings?.hit(point.x, point.y, clickSlack / scale, threshold) ?? null)
    : null;
  // The inside of a region is where findings are: it is meant only where none is.
  useAnnotations.setState({ selected: ordinal === null ? (drawn?.id ?? null) : null });
  if (ordinal === null) set({ selectedFinding: null });
  else void selectOrdinal(controller, ordinal);
}
