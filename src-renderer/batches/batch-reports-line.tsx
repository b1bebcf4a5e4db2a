/** Reports of a batch: how far they are while they are written, and how they ended. The engine tells it, to everybody who looks on. */
import { CircleAlert, CircleCheck, CircleSlash, FileText, X } from 'lucide-react';
import type { BatchItem, BatchReporting, BatchSummary } from '../../src-main/contract/batch.ts';
import { CommandAction } from '../app/command-action.tsx';
import { count } from '../ui/format.ts';
import { ProgressBar } from '../ui/progress-bar.tsx';
import { reportedLine, reportedTone } from './batch-words.ts';
import { words } from '../words/words.ts';

const icons = { good: CircleCheck, warn: CircleAlert, bad: CircleAlert, neutral: CircleSlash } as const;

interface BatchReportsLineProps {
  batch: Pick<BatchSummary, 'reporting' | 'reported'>;
  items: readonly BatchItem[];
}

export function BatchReportsLine({ batch: { reporting, reported }, items }: BatchReportsLineProps) {
  const tone = reporting !== null || reported === null ? 'neutral' : reportedTone(reported);
  const Icon = reporting !== null ? FileText : icons[tone];
  const isEmpty = reporting === null && reported === null;
  // There before anything is said in it, so that screen readers tell what becomes of the reports.
  return (
    <section
      className={isEmpty ? 'visually-hidden' : `batch-reports batch-reports-${tone}`}
      aria-label={words.batches.reports}
    >
      {!isEmpty && <Icon aria-hidden />}
      <span role="status">
        {reporting === null
          ? reported && reportedLine(reported)
          : reporting.isStopping
            ? words.batches.cancellingTheReports
            : words.batches.writingReports}
      </span>
      {reporting !== null && (
        <Progress reporting={reporting} name={items.find(({ index }) => index === reporting.image)?.name} />
      )}
    </section>
  );
}

function Progress({ reporting, name }: { reporting: BatchReporting; name: string | undefined }) {
  const { done, failed, total } = reporting;
  const text = words.batches.of(count(done + failed), count(total));
  return (
    <>
      <ProgressBar label={words.batches.reportsWritten} value={done + failed} max={total} text={text}>
        <div className="progress-done" style={{ width: `${(done / total) * 100}%` }} />
        <div className="progress-failed" style={{ width: `${(failed / total) * 100}%` }} />
      </ProgressBar>
      <span className="numeric">{text}</span>
      <span className="batch-reports-image">{name}</span>
      <CommandAction id="cancel-reports" size="small" showsKey={false}>
        <X aria-hidden />
        {words.batches.cancelReports}
      </CommandAction>
    </>
  );
}
