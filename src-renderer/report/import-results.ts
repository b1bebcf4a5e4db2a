/** Results and decisions out of other programs' files, which go to the engine in parts. */
import { importPartLength, type ImportSummary } from '../../src-main/contract/import.ts';
import { loadAnnotations } from '../annotations/annotation-actions.ts';
import { chooseLocalFile } from '../app/choose-local-file.ts';
import { plainErrorOf } from '../client/plain-error.ts';
import { notifyError, useApp } from '../state/app-store.ts';
import { useCase } from '../state/case-store.ts';
import type { Controller } from '../state/controller.ts';
import { reviewerName } from '../state/preferences.ts';
import { words } from '../words/words.ts';

const accept = '.geojson,.json,.csv,application/geo+json,application/json,text/csv';

export async function chooseResults(controller: Controller): Promise<void> {
  const file = await chooseLocalFile(accept);
  if (file !== null) await importResults(controller, file);
}

async function importResults(controller: Controller, file: File): Promise<void> {
  const caseId = useCase.getState().caseView?.id;
  if (caseId === undefined) return;
  const { api } = controller.connection;
  try {
    const text = await file.text();
    const uploadId = crypto.randomUUID();
    for (let at = 0; at < text.length; at += importPartLength) {
      await api.imports.send({ uploadId, text: text.slice(at, at + importPartLength) });
    }
    const summary = await api.imports.finish({ caseId, uploadId, reviewer: reviewerName() });
    const caseView = await api.cases.get({ caseId });
    // Another case may have been opened meanwhile.
    if (useCase.getState().caseView?.id === caseId) {
      useCase.setState({ caseView });
      controller.selectRun(summary.run);
      if (summary.kind === 'decisions' && summary.annotations > 0) await loadAnnotations(controller, caseId);
    }
    useApp.getState().notify({ tone: 'success', ...sentences(summary) });
  } catch (error) {
    notifyError(words.report.couldNotBeImported(file.name), plainErrorOf(error));
  }
}

function sentences(summary: ImportSummary): { title: string; detail: string | null } {
  if (summary.kind === 'run') {
    return {
      title: words.report.imported(words.counts.findings(summary.findings)),
      detail: words.report.theyAre(summary.run),
    };
  }
  const { matched, accepted, rejected, relabelled, cleared, missing, annotations, unknownClasses } = summary;
  const parts = [
    words.report.acceptedRejectedRelabelledTakenBack(accepted, rejected, relabelled, cleared),
    missing > 0 ? words.report.notInTheFile(words.counts.findings(missing)) : '',
    annotations > 0 ? words.report.added(words.counts.annotations(annotations)) : '',
    unknownClasses.length > 0 ? words.report.unknownClasses(unknownClasses.join(', ')) : '',
  ];
  return {
    title: words.report.recognised(words.counts.findings(matched)),
    detail: parts.filter(Boolean).join(' '),
  };
}
