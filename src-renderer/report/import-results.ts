/** Results and decisions out of other programs' files, which go to the engine in parts. */
import { importPartLength, type ImportSummary } from '../../src-main/contract/import.ts';
import { loadAnnotations } from '../annotations/annotation-actions.ts';
import { plainErrorOf } from '../client/plain-error.ts';
import { notifyError, useApp } from '../state/app-store.ts';
import { useCase } from '../state/case-store.ts';
import type { Controller } from '../state/controller.ts';
import { reviewerName } from '../state/preferences.ts';
import { plural } from '../ui/format.ts';

export async function importResults(controller: Controller, file: File): Promise<void> {
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
    useApp.getState().notify({ tone: 'success', ...words(summary) });
  } catch (error) {
    notifyError(`${file.name} could not be imported`, plainErrorOf(error));
  }
}

function words(summary: ImportSummary): { title: string; detail: string | null } {
  if (summary.kind === 'run') {
    return { title: `${plural(summary.findings, 'finding')} imported`, detail: `They are ${summary.run}.` };
  }
  const { matched, accepted, rejected, relabelled, cleared, missing, annotations, unknownClasses } = summary;
  const parts = [
    `${accepted} accepted, ${rejected} rejected, ${relabelled} relabelled, ${cleared} taken back.`,
    missing > 0 ? `${plural(missing, 'finding')} not in the file.` : '',
    annotations > 0 ? `${plural(annotations, 'annotation')} added.` : '',
    unknownClasses.length > 0 ? `Unknown classes: ${unknownClasses.join(', ')}.` : '',
  ];
  return { title: `${plural(matched, 'finding')} recognised`, detail: parts.filter(Boolean).join(' ') };
}
