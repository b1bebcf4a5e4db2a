/** The second view: its image, what lies on it, and what it shows. */
import { Columns2, FolderOpen, Link2, Link2Off } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { CaseView } from '../../src-main/contract/api.ts';
import type { Rect } from '../../src-main/contract/run.ts';
import { CommandButton } from '../app/command-button.tsx';
import { useController } from '../app/controller-context.ts';
import { useAnswer } from '../client/use-answer.ts';
import { useLookOf } from '../look/look-store.ts';
import { modelOf, useCase } from '../state/case-store.ts';
import { Select } from '../ui/select.tsx';
import { formatZoom, scaleBar } from '../viewer/scale-bar.ts';
import { setSecondViewer } from '../viewer/current-viewer.ts';
import { SlideViewer } from '../viewer/slide-viewer.ts';
import type { Registration } from './linked-view.ts';
import { choicesBeside } from './split-actions.ts';
import { useSplit } from './split-store.ts';
import { useSplitScene } from './use-split-scene.ts';
import { tieViews } from './view-tie.ts';
import { words } from '../words/words.ts';

/** Longest scale bar, CSS pixels. */
const longestBar = 120;

const tied: Record<Registration, string> = {
  'same-image': words.split.samePlace,
  map: words.split.samePlaceOnTheMap,
  size: words.split.sameLengths,
  none: words.split.noScaleKnownSameWidth,
};

export function SplitPane({
  first,
  shown,
}: {
  first: CaseView;
  shown: { caseView: CaseView; runId: string | null };
}) {
  const controller = useController();
  const [stage, setStage] = useState<HTMLDivElement | null>(null);
  const bar = useRef<HTMLDivElement>(null);
  const barLabel = useRef<HTMLSpanElement>(null);
  const zoom = useRef<HTMLSpanElement>(null);
  const viewer = useRef<SlideViewer | null>(null);
  const [rest, setRest] = useState<Rect | null>(null);
  const current = useCase((state) => state.caseView);
  // Of the case that is open, the run as it is known now.
  const caseView = current?.id === shown.caseView.id ? current : shown.caseView;
  const run = caseView.runs.find(({ id }) => id === shown.runId) ?? null;
  const manifest = useCase((state) => modelOf(state, run))?.manifest ?? null;
  const scene = useSplitScene(caseView, run, manifest, rest);
  const latestScene = useRef(scene);
  latestScene.current = scene;
  const { image } = caseView;
  const look = useLookOf(image);
  const isLinked = useSplit((state) => state.isLinked);
  const by = useSplit((state) => state.by);
  const side = useSplit((state) => state.side);

  useEffect(() => {
    if (stage === null) return undefined;
    let tie: ReturnType<typeof tieViews> | null = null;
    const made = new SlideViewer(stage, null, controller.connection, image, look, {
      onView: (view) => {
        tie?.moved();
        const pixels = 1 / view.scale;
        const { width, label } = scaleBar(image, pixels, longestBar);
        if (bar.current !== null) bar.current.style.width = `${width}px`;
        if (barLabel.current !== null) barLabel.current.textContent = label;
        if (zoom.current !== null) zoom.current.textContent = formatZoom(image, pixels);
      },
      onRest: setRest,
      onClick: () => undefined,
      onTileError: () => undefined,
      onOpen: () => {
        tie = tieViews(made, first.image, image);
        tie.follow();
      },
    });
    made.setScene(latestScene.current);
    viewer.current = made;
    setSecondViewer(made);
    return () => {
      tie?.untie();
      setSecondViewer(null);
      viewer.current = null;
      made.close();
    };
    // The images' other fields do not change while their ids stay.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [stage, controller, image.id, first.image.id]);

  useEffect(() => viewer.current?.setScene(scene));
  useEffect(() => viewer.current?.setLook(look), [look]);

  return (
    <section className="stage split-pane" aria-label={words.split.secondView} data-leads={side === 'second'}>
      <div
        ref={setStage}
        className="stage-viewer"
        aria-label={words.split.nameSecondView(image.name)}
        role="application"
      />
      <div className="split-head">
        <Shown shown={shown} />
        <CommandButton id="open-beside">
          <FolderOpen aria-hidden />
        </CommandButton>
        <CommandButton id="link" pressed={isLinked}>
          {isLinked ? <Link2 aria-hidden /> : <Link2Off aria-hidden />}
        </CommandButton>
        <CommandButton id="split" label={words.split.closeTheSecondView} pressed>
          <Columns2 aria-hidden />
        </CommandButton>
      </div>
      <div className="split-foot numeric">
        <div className="scale-bar" role="img" aria-label={words.split.scaleBarOfTheSecondView}>
          <span ref={barLabel} />
          <div ref={bar} className="scale-bar-line" />
        </div>
        <span ref={zoom} className="status-zoom" aria-label={words.split.zoomOfTheSecondView} />
        <span className="split-tie" role="status">
          {isLinked ? tied[by] : words.split.eachByItself}
        </span>
      </div>
    </section>
  );
}

function Shown({ shown }: { shown: { caseView: CaseView; runId: string | null } }) {
  const controller = useController();
  const current = useCase((state) => state.caseView);
  const { value: recent } = useAnswer('recent', () => controller.connection.api.cases.recent());
  const isOther = shown.caseView.id !== current?.id;
  const choices = choicesBeside(controller, recent ?? []);
  const other = { id: 'other', label: shown.caseView.image.name, hint: shown.caseView.name };
  return (
    <Select
      label={words.split.whatTheSecondViewShows}
      className="split-select"
      value={isOther ? other.id : `run:${shown.runId ?? ''}`}
      options={[...(isOther ? [other] : []), ...choices].map(({ id, label, hint }) => ({
        value: id,
        label,
        hint,
      }))}
      onChange={(value) => void choices.find(({ id }) => id === value)?.run()}
    />
  );
}
