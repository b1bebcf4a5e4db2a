/** Putting a batch together: which images, which model, the options once for all of them. */
import { ArrowLeft, FilePlus, FolderPlus, Images, Play, X } from 'lucide-react';
import { useId, useRef, useState } from 'react';
import { useVirtualizer } from '@tanstack/react-virtual';
import type { PlainError } from '../../src-main/contract/errors.ts';
import { CommandAction } from '../app/command-action.tsx';
import { useController } from '../app/controller-context.ts';
import { ModelChoice } from '../runs/model-choice.tsx';
import { parametersOf, type OptionTexts } from '../runs/run-option-values.ts';
import { startOptions } from '../runs/start-options.ts';
import { RunOptions } from '../runs/run-options.tsx';
import { useApp } from '../state/app-store.ts';
import { useBatches, type DraftImage } from '../state/batch-store.ts';
import { useCase } from '../state/case-store.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { Empty, ErrorNote } from '../ui/messages.tsx';
import { startBatch } from './batch-actions.ts';
import { BatchBrowser } from './batch-browser.tsx';
import { keyOf } from '../runs/model-key.ts';
import { words } from '../words/words.ts';

const rowHeight = 36;
/** Of an image's name in the batch's. */
const longestName = 40;

export function NewBatchScreen() {
  const controller = useController();
  const draft = useBatches((state) => state.draft);
  const models = useCase((state) => state.models);
  const modelId = useApp((state) => state.chosenModel);
  const [name, setName] = useState('');
  const [options, setOptions] = useState<{ of: string | null; texts: OptionTexts }>({
    of: null,
    texts: startOptions(),
  });
  const [starting, setStarting] = useState(false);
  const [error, setError] = useState<PlainError | null>(null);
  const nameId = useId();
  // Agreeing to what leaves the machine is asked for image by image (or on the command line with --allow-remote).
  const local = models?.filter(({ manifest }) => manifest.remote === undefined) ?? null;
  const model = local?.find((card) => keyOf(card) === modelId) ?? null;
  const texts = options.of === modelId ? options.texts : startOptions();
  const parameters = parametersOf(texts);
  const suggested = draft.length === 0 ? '' : suggestedName(draft);

  const start = async () => {
    if (model === null || !parameters.ok) return;
    setStarting(true);
    const order = { name: name.trim() || suggested, modelId: keyOf(model), parameters: parameters.value };
    setError(await startBatch(controller, order));
    setStarting(false);
  };

  return (
    <div className="batch-page">
      <header className="batch-head">
        <IconButton label={words.batches.home} onClick={() => controller.goHome()}>
          <ArrowLeft aria-hidden />
        </IconButton>
        <h1>{words.batches.analyseManyImages}</h1>
      </header>
      <main className="new-batch">
        <DraftImages />
        <section className="new-batch-model" aria-label={words.batches.model}>
          <div className="new-batch-scroll scroll">
            <h2 className="section-title">{words.batches.model}</h2>
            <ModelChoice models={local} image={null} onChoose={() => setError(null)} />
            {model !== null && (
              <RunOptions
                manifest={model.manifest}
                image={null}
                gates={(local ?? [])
                  .filter((card) => card.manifest.task === 'classify' && card !== model)
                  .map((card) => ({ value: keyOf(card), card }))}
                texts={texts}
                onChange={(next) => setOptions({ of: modelId, texts: next })}
              />
            )}
          </div>
          <div className="new-batch-foot">
            {error !== null && <ErrorNote title={words.batches.theBatchCouldNotBeStarted} error={error} />}
            <label className="field" htmlFor={nameId}>
              <span className="label">{words.batches.nameOfTheBatch}</span>
              <input
                id={nameId}
                className="input"
                autoComplete="off"
                spellCheck={false}
                maxLength={200}
                placeholder={suggested}
                value={name}
                onChange={(event) => setName(event.target.value)}
              />
            </label>
            <Button
              tone="primary"
              size="large"
              disabled={model === null || draft.length === 0 || starting || !parameters.ok}
              onClick={() => void start()}
            >
              <Play aria-hidden />
              {draft.length === 0
                ? words.batches.addImagesToStart
                : model === null
                  ? words.batches.chooseAModelToStart
                  : starting
                    ? words.batches.starting
                    : words.batches.analyse(words.counts.images(draft.length))}
            </Button>
          </div>
        </section>
      </main>
    </div>
  );
}

function suggestedName([first, ...others]: readonly DraftImage[]): string {
  if (first === undefined) return '';
  const name = first.name.length <= longestName ? first.name : `${first.name.slice(0, longestName)}…`;
  return others.length === 0 ? name : words.batches.andMore(name, others.length);
}

function DraftImages() {
  const draft = useBatches((state) => state.draft);
  const picker = useApp((state) => state.info?.picker);
  return (
    <section className="new-batch-images" aria-label={words.batches.images}>
      <div className="section-head">
        <h2 className="section-title">
          {words.batches.images}
          {draft.length > 0 && <span className="batch-count numeric">{draft.length}</span>}
        </h2>
        <div className="batch-add">
          {picker === 'native' ? (
            <>
              <CommandAction id="add-batch-images" size="small">
                <FilePlus aria-hidden />
                {words.batches.addImagesDialog}
              </CommandAction>
              <CommandAction id="add-batch-folder" size="small">
                <FolderPlus aria-hidden />
                {words.batches.addAFolder}
              </CommandAction>
            </>
          ) : (
            <CommandAction id="add-batch-images" size="small">
              <FolderPlus aria-hidden />
              {words.batches.addImagesOrFolders}
            </CommandAction>
          )}
          {draft.length > 0 && (
            <Button size="small" tone="quiet" onClick={() => useBatches.setState({ draft: [] })}>
              {words.batches.removeAll}
            </Button>
          )}
        </div>
      </div>
      {draft.length === 0 ? (
        <Empty icon={Images} title={words.batches.noImagesYet}>
          <p>{words.batches.addFilesOrAFolderWithEverything}</p>
        </Empty>
      ) : (
        <DraftList draft={draft} />
      )}
      <BatchBrowser />
    </section>
  );
}

function DraftList({ draft }: { draft: readonly DraftImage[] }) {
  const scroller = useRef<HTMLDivElement>(null);
  // The React compiler is not used here, so that its caution about this hook does not apply.
  // oxlint-disable-next-line react/incompatible-library
  const rows = useVirtualizer({
    count: draft.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
  });
  return (
    <div ref={scroller} className="draft-list scroll">
      <ul aria-label={words.batches.imagesOfTheBatch} style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map(({ index, start }) => {
          const image = draft[index];
          if (image === undefined) return null;
          return (
            <li key={image.fileId} className="draft-row" style={{ transform: `translateY(${start}px)` }}>
              <span className="draft-name" title={image.name}>
                {image.name}
              </span>
              <IconButton
                label={words.batches.leaveOut(image.name)}
                size="small"
                side="left"
                onClick={() =>
                  useBatches.setState({ draft: draft.filter(({ fileId }) => fileId !== image.fileId) })
                }
              >
                <X aria-hidden />
              </IconButton>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
