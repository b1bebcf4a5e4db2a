/** Batches on the home screen: those that were interrupted offer to go on. */
import { ListPlus, Play } from 'lucide-react';
import { useEffect } from 'react';
import type { BatchSummary } from '../../src-main/contract/batch.ts';
import { CommandAction } from '../app/command-action.tsx';
import { useController } from '../app/controller-context.ts';
import { useBatches } from '../state/batch-store.ts';
import { Button } from '../ui/button.tsx';
import { moment } from '../ui/format.ts';
import { ErrorNote } from '../ui/messages.tsx';
import { actOnBatch, loadBatches, showBatch } from './batch-actions.ts';
import { batchActions, batchLabels, batchLine, batchTone } from './batch-words.ts';
import { words } from '../words/words.ts';

/** Older ones stay on the disk and come up as newer ones are taken off the list. */
const mostShown = 6;

export function HomeBatches() {
  const controller = useController();
  const list = useBatches((state) => state.list);
  const damaged = useBatches((state) => state.damaged);
  const error = useBatches((state) => state.listError);
  useEffect(() => {
    useBatches.setState({ cameFrom: null });
    const ended = new AbortController();
    void loadBatches(controller, ended.signal);
    return () => ended.abort();
  }, [controller]);
  return (
    <section aria-label={words.batches.batches}>
      <div className="section-head">
        <h2 className="section-title">{words.batches.batches}</h2>
        <CommandAction id="new-batch" size="small">
          <ListPlus aria-hidden />
          {words.batches.analyseManyImages}
        </CommandAction>
      </div>
      {error !== null && <ErrorNote title={words.batches.theBatchesCouldNotBeRead} error={error} />}
      {damaged.map((name) => (
        <p key={name} className="home-note" role="status">
          {words.batches.theBatchIsDamagedAndCannotBeGone(name)}
        </p>
      ))}
      {list === null || list.length === 0 ? (
        <p className="home-note">{words.batches.oneModelOverAFolderOfSlides}</p>
      ) : (
        <ul className="recent">
          {list.slice(0, mostShown).map((batch) => (
            <HomeBatch key={batch.id} batch={batch} />
          ))}
        </ul>
      )}
    </section>
  );
}

function HomeBatch({ batch }: { batch: BatchSummary }) {
  const controller = useController();
  const goOn = async () => {
    await actOnBatch(controller, batch, 'resume');
    showBatch(batch.id);
  };
  return (
    <li className="home-batch">
      <button type="button" className="recent-case" onClick={() => showBatch(batch.id)}>
        <span className="recent-name">{batch.name}</span>
        <span className={`chip chip-${batchTone(batch)}`}>{batchLabels[batch.state]}</span>
        <span className="recent-meta">
          {batch.modelName} · {batchLine(batch)} · {moment(batch.createdAt)}
        </span>
      </button>
      {batchActions(batch).resume && (
        <Button
          size="small"
          tone="primary"
          aria-label={words.batches.goOnWith(batch.name)}
          onClick={() => void goOn()}
        >
          <Play aria-hidden />
          {words.batches.goOn}
        </Button>
      )}
    </li>
  );
}
