/** A batch: how far it is, each of its images, and what can be done with them. */
import { ArrowLeft, Ban, Download, FileText, Pause, Play, RotateCcw, Trash2 } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { BatchItem, BatchItemState, BatchSummary } from '../../src-main/contract/batch.ts';
import { batchItemStates } from '../../src-main/contract/batch.ts';
import { CommandAction } from '../app/command-action.tsx';
import { CommandButton } from '../app/command-button.tsx';
import { useController } from '../app/controller-context.ts';
import { useApp } from '../state/app-store.ts';
import { useBatches } from '../state/batch-store.ts';
import { IconButton } from '../ui/button.tsx';
import { count, moment } from '../ui/format.ts';
import { ErrorNote, Waiting } from '../ui/messages.tsx';
import { ProgressBar } from '../ui/progress-bar.tsx';
import { followBatch } from './batch-actions.ts';
import { BatchReportsLine } from './batch-reports-line.tsx';
import { BatchRows } from './batch-rows.tsx';
import { batchActions, batchFraction, batchLabels, batchLine, batchTone, itemLabels } from './batch-words.ts';
import { words } from '../words/words.ts';

export function BatchScreen({ batchId }: { batchId: string }) {
  const controller = useController();
  const open = useBatches((state) => state.open);
  const error = useBatches((state) => state.openError);
  const link = useApp((state) => state.link);
  useEffect(() => {
    if (link !== 'open') return undefined;
    const ended = new AbortController();
    void followBatch(controller, batchId, ended.signal);
    return () => ended.abort();
  }, [controller, batchId, link]);
  return (
    <div className="batch-page">
      <header className="batch-head">
        <IconButton label={words.batches.home} onClick={() => controller.goHome()}>
          <ArrowLeft aria-hidden />
        </IconButton>
        <h1 title={open?.batch.name}>{open?.batch.name ?? words.batches.batch}</h1>
        {open !== null && <Actions batch={open.batch} />}
      </header>
      <main className="batch-main">
        {error !== null && <ErrorNote title={words.batches.thisBatchCannotBeFollowed} error={error} />}
        {open === null ? (
          error === null && <Waiting label={words.batches.readingTheBatch} />
        ) : (
          <Body {...open} />
        )}
      </main>
    </div>
  );
}

function Body({ batch, items }: { batch: BatchSummary; items: readonly BatchItem[] }) {
  const [only, setOnly] = useState<BatchItemState | null>(null);
  const shown = only === null ? items : items.filter(({ state }) => state === only);
  const percent = Math.floor(batchFraction(batch, items) * 100);
  const share = (state: BatchItemState) => `${(batch.counts[state] / Math.max(1, batch.total)) * 100}%`;
  return (
    <>
      <section className="batch-summary" aria-label={words.batches.progress}>
        <div className="batch-line">
          <span className={`dot dot-${batchTone(batch)}`} aria-hidden />
          <strong role="status">
            {batchLabels[batch.state]}: {batchLine(batch)}
          </strong>
          <span className="batch-facts">
            {batch.modelName} · {words.counts.findings(batch.findings)} · {moment(batch.createdAt)}
          </span>
          <span className="batch-percent numeric">{percent} %</span>
        </div>
        <ProgressBar label={words.batches.imagesThatHaveEnded} value={percent}>
          <div className="progress-done" style={{ width: share('complete') }} />
          <div className="progress-gaps" style={{ width: share('complete-with-gaps') }} />
          <div className="progress-skipped" style={{ width: share('cancelled') }} />
          <div className="progress-failed" style={{ width: share('failed') }} />
        </ProgressBar>
        {batch.reason !== null && (
          <p className="batch-reason" role="alert">
            {batch.reason}
          </p>
        )}
      </section>
      <BatchReportsLine batch={batch} items={items} />
      <div className="batch-filters" role="group" aria-label={words.batches.showImages}>
        <Filter
          label={words.batches.all}
          n={batch.total}
          isOn={only === null}
          onClick={() => setOnly(null)}
        />
        {batchItemStates
          .filter((state) => batch.counts[state] > 0 || state === only)
          .map((state) => (
            <Filter
              key={state}
              label={itemLabels[state]}
              n={batch.counts[state]}
              isOn={only === state}
              onClick={() => setOnly(only === state ? null : state)}
            />
          ))}
      </div>
      <BatchRows batchId={batch.id} items={shown} />
    </>
  );
}

function Filter(props: { label: string; n: number; isOn: boolean; onClick: () => void }) {
  return (
    <button type="button" className="batch-filter" aria-pressed={props.isOn} onClick={props.onClick}>
      {props.label} <span className="numeric">{count(props.n)}</span>
    </button>
  );
}

function Actions({ batch }: { batch: BatchSummary }) {
  const allowed = batchActions(batch);
  return (
    <div className="batch-actions">
      {allowed.pause && (
        <CommandAction id="pause-batch">
          <Pause aria-hidden />
          {words.batches.pauseAll}
        </CommandAction>
      )}
      {allowed.resume && (
        <CommandAction id="resume-batch" tone="primary">
          <Play aria-hidden />
          {words.batches.goOn}
        </CommandAction>
      )}
      {allowed.retryFailed && (
        <CommandAction id="retry-batch">
          <RotateCcw aria-hidden />
          {words.batches.retryFailed}
        </CommandAction>
      )}
      <CommandAction id="save-summary-csv">
        <Download aria-hidden />
        {words.batches.summaryCsv}
      </CommandAction>
      <CommandAction id="save-summary-json" tone="quiet">
        {words.batches.json}
      </CommandAction>
      <CommandAction id="save-reports-pdf">
        <FileText aria-hidden />
        {words.batches.reportsPdf}
      </CommandAction>
      <CommandAction id="save-reports-html" tone="quiet">
        {words.batches.html}
      </CommandAction>
      {allowed.cancel && (
        <CommandButton id="cancel-batch" label={words.batches.cancelTheBatch}>
          <Ban aria-hidden />
        </CommandButton>
      )}
      {batch.state !== 'running' && (
        <CommandButton
          id="remove-batch"
          label={words.batches.takeItOffTheListTheCases}
          {...(!allowed.remove && { className: 'batch-keeps-place' })}
        >
          <Trash2 aria-hidden />
        </CommandButton>
      )}
    </div>
  );
}
