/** What a person does with the case file itself, and with what its runs need from elsewhere. */
import { isAbort, plainErrorOf } from '../client/plain-error.ts';
import { notifyError, useApp } from '../state/app-store.ts';
import { useCase } from '../state/case-store.ts';
import type { Controller } from '../state/controller.ts';
import { whileWriting } from '../state/writing.ts';
import { moment } from '../ui/format.ts';
import { words } from '../words/words.ts';

/** The system's save dialog, or a download; work goes on meanwhile. */
export async function saveCopy(controller: Controller): Promise<void> {
  const { caseView } = useCase.getState();
  if (caseView === null) return;
  try {
    const answer = await whileWriting(words.caseFile.aCopyOfTheCase, (signal) =>
      controller.connection.api.cases.saveCopy({ caseId: caseView.id }, { signal }),
    );
    if (answer !== null) controller.tellSaved(words.caseFile.aCopyOfTheCase, answer);
  } catch (error) {
    if (!isAbort(error)) notifyError(words.caseFile.theCopyCouldNotBeSaved, plainErrorOf(error));
  }
}

/** Of a damaged case that could not be opened: its backup takes its place, and is opened. */
export async function restoreCase(controller: Controller, fileId: string, name: string): Promise<void> {
  try {
    const { at, aside } = await controller.connection.api.cases.restore({ fileId });
    useApp.getState().notify({
      tone: 'success',
      title: words.caseFile.theCaseIsAsItWasAt(moment(at)),
      detail: aside === null ? null : words.caseFile.theDamagedFileIsKeptAs(aside),
    });
    await controller.openFile(fileId, name);
  } catch (error) {
    notifyError(words.caseFile.theBackupCouldNotBeRestored, plainErrorOf(error));
  }
}

/** The chosen file is the model of the run that is looked at: refused where it is another one. */
export async function locateModel(controller: Controller, fileId: string, name: string): Promise<void> {
  const { caseView, runId } = useCase.getState();
  if (caseView === null || runId === null) return;
  try {
    const run = await controller.connection.api.runs.relocateModel({ caseId: caseView.id, runId, fileId });
    controller.goesOn(run);
    useApp.getState().notify({ tone: 'success', title: words.caseFile.theModelWasFound, detail: name });
  } catch (error) {
    notifyError(words.caseFile.wasNotTaken(name), plainErrorOf(error));
  }
}
