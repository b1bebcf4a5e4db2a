/** The report, put together: what is in it, what is said over it, on which paper; beside it how it will look. */
import { useMemo, useState } from 'react';
import { exportFormatWords, type ExportFormat } from '../../src-main/contract/export-formats.ts';
import type { ReportSettings } from '../../src-main/contract/report.ts';
import type { RunView } from '../../src-main/contract/run.ts';
import { useController } from '../app/controller-context.ts';
import { useAnswer } from '../client/use-answer.ts';
import { useApp } from '../state/app-store.ts';
import { selectedRun, useCase } from '../state/case-store.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { ErrorNote, Waiting } from '../ui/messages.tsx';
import { RemoteSummaryChoice } from './remote-summary.tsx';
import { startSettings, useReportDefaults } from './report-defaults.ts';
import { ReportForm } from './report-form.tsx';
import { ReportPreview } from './report-preview.tsx';
import { words } from '../words/words.ts';

export function ReportComposer() {
  const open = useApp((state) => state.dialog === 'report');
  const run = useCase(selectedRun);
  if (!open || run === null) return null;
  return <Composer key={`${run.caseId}/${run.id}`} run={run} />;
}

/** After the last key, so that words are not drawn letter by letter. */
const restMs = 350;

function Composer({ run }: { run: RunView }) {
  const controller = useController();
  const close = () => useApp.getState().setDialog(null);
  const [changed, setChanged] = useState<ReportSettings | null>(null);
  const [saving, setSaving] = useState(false);
  const ref = { caseId: run.caseId, runId: run.id };
  const { api } = controller.connection;

  const kept = useAnswer('kept', () => api.exports.report(ref));
  const start = useMemo(() => (kept.value === null ? null : startSettings(kept.value)), [kept.value]);
  const settings = changed ?? start;

  const [summaries, setSummaries] = useState(0);
  const preview = useAnswer(
    settings === null ? null : `${summaries} ${JSON.stringify(settings)}`,
    async (signal) => {
      const { path } = await api.exports.previewReport({ ...ref, report: settings! }, { signal });
      const { data } = await controller.connection.bytes(path, signal);
      return new TextDecoder().decode(data);
    },
    restMs,
  );

  const save = async (format: ExportFormat) => {
    if (settings === null) return;
    setSaving(true);
    useReportDefaults.getState().keep(settings);
    await controller.exportRun(format, exportFormatWords[format].label, settings);
    setSaving(false);
  };

  const error = kept.error ?? preview.error;
  return (
    <Dialog
      title={words.report.report}
      open
      wide
      onClose={close}
      footer={
        <>
          <Button disabled={settings === null || saving} onClick={() => void save('bundle')}>
            {words.report.saveBundle}
          </Button>
          <Button disabled={settings === null || saving} onClick={() => void save('html')}>
            {words.report.saveHtml}
          </Button>
          <Button tone="primary" disabled={settings === null || saving} onClick={() => void save('pdf')}>
            {words.report.savePdf}
          </Button>
        </>
      }
    >
      <div className="report-composer">
        {settings === null ? null : (
          <ReportForm settings={settings} onChange={setChanged}>
            <RemoteSummaryChoice
              run={ref}
              version={summaries}
              onChanged={() => setSummaries(summaries + 1)}
            />
          </ReportForm>
        )}
        <div className="report-sheet" aria-busy={preview.stale}>
          {error !== null && <ErrorNote error={error} />}
          {preview.value === null ? (
            error === null && <Waiting label={words.report.puttingTheReportTogether} />
          ) : (
            <ReportPreview html={preview.value} label={words.report.previewOfTheReport} />
          )}
        </div>
      </div>
    </Dialog>
  );
}
