/** Batches on the home screen: those that were interrupted offer to go on. */
import { ListPlus, Play } from 'lucide-react';
import { useEffect } from 'react';
import type { BatchSummary } from '../../src-main/contract/batch.ts';
import { useController } from '../app/controller-context.ts';
import { useBatches } from '../state/batch-store.ts';
import { Button } from '../ui/button.tsx';
import { moment } from '../ui/format.ts';
import { ErrorNote } from '../ui/messages.tsx';
import { actOnBatch, loadBatches, showBatch, showNewBatch } from './batch-actions.ts';
import { batchActions, batchLabels, batchLine, batchTone } from './batch-words.ts';

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
    <section aria-label="Batches">
      <div className="section-head">
        <h2 className="section-title">Batches</h2>
        <Button size="small" onClick={() => showNewBatch(controller)}>
          <ListPlus aria-hidden />
          Analyse many images
        </Button>
      </div>
      {error !== null && <ErrorNote title="The batches could not be read" error={error} />}
      {damaged.map((name) => (
        <p key={name} className="home-note" role="status">
          The batch {name} is damaged and cannot be gone on with; its cases are safe.
        </p>
      ))}
      {list === null || list.length === 0 ? (
        <p className="home-note">
          One model over a folder of slides, one case each, with a table at the end.
        </p>
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
          aria-label={`Go on with ${batch.name}`}
          onClick={() => void goOn()}
        >
          <Play aria-hidden />
          Go on
        </Button>
      )}
    </li>
  );
}
