/** The images of a batch, one a row, however many there are. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { Ban, Pause, Play, RotateCcw } from 'lucide-react';
import { useRef } from 'react';
import type { BatchItem } from '../../src-main/contract/batch.ts';
import { useController } from '../app/controller-context.ts';
import { IconButton } from '../ui/button.tsx';
import { count } from '../ui/format.ts';
import { actOnItem, openBatchItem } from './batch-actions.ts';
import { itemActions, itemDetail, itemFraction, itemLabels, itemTone } from './batch-words.ts';
import { words } from '../words/words.ts';

const rowHeight = 52;

export function BatchRows({ batchId, items }: { batchId: string; items: readonly BatchItem[] }) {
  const scroller = useRef<HTMLDivElement>(null);
  // The React compiler is not used here, so that its caution about this hook does not apply.
  // oxlint-disable-next-line react/incompatible-library
  const rows = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 8,
  });
  return (
    <div ref={scroller} className="batch-rows scroll">
      <ul aria-label={words.batches.images} style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map(({ index, start }) => {
          const item = items[index];
          if (item === undefined) return null;
          return (
            <li
              key={item.index}
              className="batch-row"
              aria-setsize={items.length}
              aria-posinset={index + 1}
              style={{ transform: `translateY(${start}px)` }}
            >
              <Row batchId={batchId} item={item} />
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function Row({ batchId, item }: { batchId: string; item: BatchItem }) {
  const controller = useController();
  const { index, name, state, tiles, findings } = item;
  const allowed = itemActions(item);
  const act = (what: 'pauseItem' | 'resumeItem' | 'cancelItem') =>
    void actOnItem(controller, batchId, index, what);
  const detail = itemDetail(item);
  const hasBegun = state === 'running' || tiles !== null;
  return (
    <>
      <span className="batch-number numeric">{index + 1}</span>
      <button
        type="button"
        className="batch-open"
        title={name}
        onClick={() => void openBatchItem(controller, batchId, index, name)}
      >
        {name}
      </button>
      <span className={`chip chip-${itemTone(state)}`}>{itemLabels[state]}</span>
      <span className="batch-item-progress">
        {hasBegun && (
          <span className="progress" aria-hidden>
            <span
              className={state === 'failed' ? 'progress-failed' : 'progress-done'}
              style={{ width: `${itemFraction(item) * 100}%` }}
            />
          </span>
        )}
        <span
          className={`batch-detail ${item.error === null ? '' : 'bad'}`}
          title={item.error?.hint ?? detail}
        >
          {detail}
        </span>
      </span>
      <span className="batch-tiles numeric">
        {tiles === null ? '' : words.batches.tiles(count(tiles.done), count(tiles.total - tiles.skipped))}
        {tiles !== null && tiles.failed > 0 && (
          <span className="bad">{words.batches.failed2(count(tiles.failed))}</span>
        )}
      </span>
      <span className="batch-findings numeric">
        {findings === null ? '' : words.batches.findings(count(findings))}
      </span>
      <span className="batch-row-actions">
        {allowed.pause && (
          <IconButton
            label={words.batches.pause(name)}
            size="small"
            side="left"
            onClick={() => act('pauseItem')}
          >
            <Pause aria-hidden />
          </IconButton>
        )}
        {allowed.resume && (
          <IconButton
            label={words.batches.letGoOn(name)}
            size="small"
            side="left"
            onClick={() => act('resumeItem')}
          >
            <Play aria-hidden />
          </IconButton>
        )}
        {allowed.retry && (
          <IconButton
            label={words.batches.tryAgain(name)}
            size="small"
            side="left"
            onClick={() => act('resumeItem')}
          >
            <RotateCcw aria-hidden />
          </IconButton>
        )}
        {allowed.cancel && (
          <IconButton
            label={words.batches.cancel(name)}
            size="small"
            side="left"
            onClick={() => act('cancelItem')}
          >
            <Ban aria-hidden />
          </IconButton>
        )}
      </span>
    </>
  );
}
