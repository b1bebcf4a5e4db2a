/** Choosing a model for a new run: cards, what the chosen one is and is not, options, start. */
import { Play } from 'lucide-react';
import { useState } from 'react';
import type { CaseView } from '../../src-main/contract/api.ts';
import type { PlainError } from '../../src-main/contract/errors.ts';
import { useController } from '../app/controller-context.ts';
import { useApp } from '../state/app-store.ts';
import { useAnnotations } from '../state/annotation-store.ts';
import { useCase } from '../state/case-store.ts';
import { useView } from '../state/view-store.ts';
import { Button } from '../ui/button.tsx';
import { ErrorNote } from '../ui/messages.tsx';
import { plainErrorOf } from '../client/plain-error.ts';
import type { RemoteLeaves } from '../state/controller.ts';
import { ConsentDialog } from './consent-dialog.tsx';
import { ModelChoice } from './model-choice.tsx';
import { misfits } from './model-fit.ts';
import { parametersOf, type OptionTexts } from './run-option-values.ts';
import { startOptions } from './start-options.ts';
import { everywhere, regionParameters, RegionSelect } from './region-select.tsx';
import { useRunDraft, type RunDraft } from './run-draft.ts';
import { RunEstimate } from './run-estimate.tsx';
import { keyOf } from './model-key.ts';
import { RunOptions } from './run-options.tsx';
import { words } from '../words/words.ts';

export function ModelPicker({ caseView, canCancel }: { caseView: CaseView; canCancel: boolean }) {
  const controller = useController();
  const models = useCase((state) => state.models);
  const set = useView((state) => state.set);
  const modelId = useApp((state) => state.chosenModel);
  // Options are those of one model: another one begins with its own.
  const draft = useRunDraft((state) => state.draft);
  const [options, setOptions] = useState<{ of: string | null; texts: OptionTexts }>({
    of: draft?.modelKey ?? null,
    texts: draft?.texts ?? startOptions(),
  });
  const texts = options.of === modelId ? options.texts : startOptions();
  const [region, setRegion] = useState(everywhere);
  const [starting, setStarting] = useState(false);
  const [error, setError] = useState<PlainError | null>(null);
  const [leaves, setLeaves] = useState<RemoteLeaves | null>(null);
  const model = models?.find((other) => keyOf(other) === modelId) ?? null;
  const typed = parametersOf(texts);
  const isAgain = draft !== null && draft.modelKey === modelId;
  // What the form has no field for stays as it was in the run that is run again.
  const parameters =
    typed.ok && isAgain ? { ok: true as const, value: { ...draft.rest, ...typed.value } } : typed;
  // Those that suit the image come first.
  const suited = models?.toSorted(
    (a, b) => misfits(a.manifest, caseView.image).length - misfits(b.manifest, caseView.image).length,
  );

  const start = async () => {
    if (model === null || !parameters.ok) return;
    setStarting(true);
    try {
      const asked = model.manifest.remote === undefined ? null : await controller.remoteLeaves(keyOf(model));
      setLeaves(asked);
      if (asked === null) {
        const drawn = regionParameters(useAnnotations.getState().items, region);
        setError(await controller.startRun(keyOf(model), { ...parameters.value, ...drawn }));
      }
    } catch (failed) {
      setError(plainErrorOf(failed));
    }
    setStarting(false);
  };

  return (
    <div className="picker">
      <div className="picker-body scroll">
        <h2 className="section-title">{words.runs.chooseAModel}</h2>
        <ModelChoice models={suited ?? null} image={caseView.image} onChoose={() => setError(null)} />
        {models?.length === 0 && (
          <ErrorNote
            title={words.runs.noModelIsInstalled}
            error={{
              code: 'model-not-found',
              message: words.runs.theFolderOfBuiltInModels,
              hint: words.runs.reinstallGigatileOrRunNpmRun,
            }}
          />
        )}
      </div>
      {model !== null && leaves !== null && (
        <ConsentDialog
          modelKey={keyOf(model)}
          leaves={leaves}
          onAgreed={() => {
            setLeaves(null);
            void start();
          }}
          onClose={() => setLeaves(null)}
        />
      )}
      <div className="picker-foot">
        {model !== null && (
          <RunOptions
            manifest={model.manifest}
            image={caseView.image}
            gates={(models ?? [])
              .filter((card) => card.manifest.task === 'classify' && card !== model)
              .map((card) => ({ value: keyOf(card), card }))}
            texts={texts}
            onChange={(next) => setOptions({ of: modelId, texts: next })}
          />
        )}
        {isAgain && <AgainNote draft={draft} />}
        {model !== null && <RegionSelect value={region} onChange={setRegion} />}
        {model !== null && parameters.ok && (
          <RunEstimate caseId={caseView.id} modelId={keyOf(model)} parameters={parameters.value} />
        )}
        {error !== null && <ErrorNote title={words.runs.theRunCouldNotBeStarted} error={error} />}
        <div className="picker-buttons">
          {canCancel && (
            <Button tone="quiet" onClick={() => set({ choosingModel: false })}>
              {words.runs.cancel}
            </Button>
          )}
          <Button
            tone="primary"
            className="grow"
            disabled={model === null || starting || !parameters.ok}
            onClick={() => void start()}
          >
            <Play aria-hidden />
            {model === null
              ? words.runs.chooseAModelToStart
              : starting
                ? words.runs.starting
                : words.runs.analyseWith(model.manifest.name)}
          </Button>
        </div>
      </div>
    </div>
  );
}

/** What the form begins with, and what it has no field for. */
function AgainNote({ draft }: { draft: RunDraft }) {
  const kept = [
    ...(draft.rest.roi === undefined ? [] : [words.runs.itsRegion]),
    ...(draft.rest.exclude === undefined ? [] : [words.runs.whatItLeavesOut]),
    ...(draft.rest.grid === undefined && draft.rest.slices === undefined ? [] : [words.runs.itsGrid]),
    ...(draft.rest.merge === undefined ? [] : [words.runs.howItMerges]),
  ];
  return (
    <p className="field-hint" role="status">
      {words.runs.as} {draft.from} {words.runs.wasMade}
      {kept.length === 0 ? '' : words.runs.with(kept.join(', '))}
      {words.runs.changeWhatYouLike}
      {draft.left.length > 0 && words.runs.notTakenOver(draft.left.join(', '))}
    </p>
  );
}
