/** A batch: how far it is, each of its images, and what can be done with them. */
import { ArrowLeft, Ban, Download, FileText, Pause, Play, RotateCcw, Trash2 } from 'lucide-react';
import { useEffect, useState } from 'react';
import type {
  BatchItem,
  BatchItemState,
  BatchReportFormat,
  BatchSummary,
} from '../../src-main/contract/batch.ts';
import { batchItemStates } from '../../src-main/contract/batch.ts';
import { useController } from '../app/controller-context.ts';
import { useApp } from '../state/app-store.ts';
import { useBatches } from '../state/batch-store.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { count, moment } from '../ui/format.ts';
import { ErrorNote, Waiting } from '../ui/messages.tsx';
import {
  actOnBatch,
  followBatch,
  removeBatch,
  saveReports,
  saveSummary,
  type BatchAct,
} from './batch-actions.ts';
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
        <div
          className="progress"
          role="progressbar"
          aria-label={words.batches.imagesThatHaveEnded}
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={percent}
        >
          <div className="progress-done" style={{ width: share('complete') }} />
          <div className="progress-gaps" style={{ width: share('complete-with-gaps') }} />
          <div className="progress-skipped" style={{ width: share('cancelled') }} />
          <div className="progress-failed" style={{ width: share('failed') }} />
        </div>
        {batch.reason !== null && (
          <p className="batch-reason" role="alert">
            {batch.reason}
          </p>
        )}
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
      </section>
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
  const controller = useController();
  const [busy, setBusy] = useState(false);
  const allowed = batchActions(batch);
  const hasReports = batch.counts.complete + batch.counts['complete-with-gaps'] + batch.counts.failed > 0;
  const report = (format: BatchReportFormat) => {
    setBusy(true);
    void saveReports(controller, batch.id, format).finally(() => setBusy(false));
  };
  const act = (what: BatchAct) => {
    setBusy(true);
    void actOnBatch(controller, batch, what).finally(() => setBusy(false));
  };
  return (
    <div className="batch-actions">
      {allowed.pause && (
        <Button disabled={busy} onClick={() => act('pause')}>
          <Pause aria-hidden />
          {words.batches.pauseAll}
        </Button>
      )}
      {allowed.resume && (
        <Button tone="primary" disabled={busy} onClick={() => act('resume')}>
          <Play aria-hidden />
          {words.batches.goOn}
        </Button>
      )}
      {allowed.retryFailed && (
        <Button disabled={busy} onClick={() => act('retryFailed')}>
          <RotateCcw aria-hidden />
          {words.batches.retryFailed}
        </Button>
      )}
      <Button onClick={() => void saveSummary(controller, batch.id, 'csv')}>
        <Download aria-hidden />
        {words.batches.summaryCsv}
      </Button>
      <Button tone="quiet" onClick={() => void saveSummary(controller, batch.id, 'json')}>
        {words.batches.json}
      </Button>
      <Button
        title={words.batches.aReportOfEachImageThatHasEnded}
        disabled={busy || !hasReports}
        onClick={() => report('pdf')}
      >
        <FileText aria-hidden />
        {words.batches.reportsPdf}
      </Button>
      <Button
        tone="quiet"
        title={words.batches.aReportOfEachImageThatHasEnded}
        disabled={busy || !hasReports}
        onClick={() => report('html')}
      >
        {words.batches.html}
      </Button>
      {allowed.cancel && (
        <IconButton label={words.batches.cancelTheBatch} disabled={busy} onClick={() => act('cancel')}>
          <Ban aria-hidden />
        </IconButton>
      )}
      {allowed.remove && (
        <IconButton
          label={words.batches.takeItOffTheListTheCases}
          disabled={busy}
          onClick={() => void removeBatch(controller, batch)}
        >
          <Trash2 aria-hidden />
        </IconButton>
      )}
    </div>
  );
}
