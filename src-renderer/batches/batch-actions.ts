/** What a person does with batches: calls to the engine, and what the screens show of them. */
import type { BatchReportFormat, BatchSummary } from '../../src-main/contract/batch.ts';
import type { PlainError } from '../../src-main/contract/errors.ts';
import type { RunParameters } from '../../src-main/contract/run.ts';
import { defaultReportSettings } from '../../src-main/contract/report.ts';
import { isAbort, plainErrorOf } from '../client/plain-error.ts';
import { startSettings } from '../report/report-defaults.ts';
import { notifyError, useApp } from '../state/app-store.ts';
import { addToDraft, takeBatchEvent, useBatches } from '../state/batch-store.ts';
import type { Controller } from '../state/controller.ts';
import { words } from '../words/words.ts';

export async function loadBatches({ connection }: Controller, signal?: AbortSignal): Promise<void> {
  try {
    const { batches, damaged } = await connection.api.batches.list(undefined, signal ? { signal } : {});
    useBatches.setState({ list: batches, damaged, listError: null });
  } catch (error) {
    if (!isAbort(error)) useBatches.setState({ listError: plainErrorOf(error) });
  }
}

export function showBatch(batchId: string): void {
  useBatches.setState({ open: null, openError: null, cameFrom: null });
  useApp.setState({ screen: { at: 'batch', batchId } });
}

export function showNewBatch(controller: Controller): void {
  useBatches.setState({ cameFrom: null });
  useApp.setState({ screen: { at: 'new-batch' }, openError: null });
  void controller.loadModels();
}

/** Follows a batch until the signal says so; the store shows what it says. */
export async function followBatch(
  { connection }: Controller,
  batchId: string,
  signal: AbortSignal,
): Promise<void> {
  try {
    for await (const event of await connection.api.batches.watch({ batchId }, { signal }))
      takeBatchEvent(event);
  } catch (error) {
    // A lost link shows itself, and the batch is followed anew after it.
    if (signal.aborted || isAbort(error) || useApp.getState().link !== 'open') return;
    useBatches.setState({ openError: plainErrorOf(error) });
  }
}

/** Adds what the files and folders hold to the batch that is being put together. */
export async function addFiles(
  controller: Controller,
  fileIds: readonly string[],
  label: string,
): Promise<void> {
  if (fileIds.length === 0) return;
  try {
    const { images } = await controller.connection.api.batches.find({ fileIds: [...fileIds] });
    const added = addToDraft(images);
    if (added === 0) {
      useApp.getState().notify({
        tone: 'info',
        title: words.batches.nothingWasAdded,
        detail: words.batches.inTheListAlready(label),
      });
    }
  } catch (error) {
    notifyError(words.batches.couldNotBeAdded(label), plainErrorOf(error));
  }
}

/** With the system's dialog. */
export async function pickForBatch(controller: Controller, kind: 'images' | 'folder'): Promise<void> {
  try {
    const picked = await controller.connection.api.files.pick({ kind });
    const [first] = picked;
    if (first === undefined) return;
    const label = picked.length === 1 ? first.name : words.counts.files(picked.length);
    await addFiles(
      controller,
      picked.map(({ id }) => id),
      label,
    );
  } catch (error) {
    notifyError(words.batches.theOpenDialogFailed, plainErrorOf(error));
  }
}

/** In the folders that the server was started with. */
export function browseForBatch(): void {
  useApp.getState().setDialog('browse-batch');
}

/** Answers the reason where it was not begun. */
export async function startBatch(
  { connection }: Controller,
  order: { name: string; modelId: string; parameters: RunParameters },
): Promise<PlainError | null> {
  const fileIds = useBatches.getState().draft.map(({ fileId }) => fileId);
  try {
    const batch = await connection.api.batches.create({ ...order, fileIds, consentBy: null });
    useBatches.setState({ draft: [] });
    showBatch(batch.id);
    return null;
  } catch (error) {
    return plainErrorOf(error);
  }
}

export type BatchAct = 'pause' | 'resume' | 'cancel' | 'retryFailed' | 'cancelReports';

export async function actOnBatch(
  { connection }: Controller,
  batch: BatchSummary,
  act: BatchAct,
): Promise<void> {
  try {
    await connection.api.batches[act]({ batchId: batch.id });
  } catch (error) {
    notifyError(words.batches.staysAsItIs(batch.name), plainErrorOf(error));
  }
}

export async function actOnItem(
  { connection }: Controller,
  batchId: string,
  index: number,
  act: 'pauseItem' | 'resumeItem' | 'cancelItem',
): Promise<void> {
  try {
    await connection.api.batches[act]({ batchId, index });
  } catch (error) {
    notifyError(words.batches.theImageStaysAsItIs, plainErrorOf(error));
  }
}

export async function removeBatch(controller: Controller, batch: BatchSummary): Promise<void> {
  try {
    await controller.connection.api.batches.remove({ batchId: batch.id });
    controller.goHome();
  } catch (error) {
    notifyError(words.batches.staysInTheList(batch.name), plainErrorOf(error));
  }
}

/** The case of an image; the batch goes on meanwhile. */
export async function openBatchItem(
  controller: Controller,
  batchId: string,
  index: number,
  name: string,
): Promise<void> {
  try {
    const { fileId, runId } = await controller.connection.api.batches.openItem({ batchId, index });
    await controller.openFile(fileId, name);
    if (runId !== null && useApp.getState().screen.at === 'case') controller.selectRun(runId);
    useBatches.setState({ cameFrom: batchId });
  } catch (error) {
    notifyError(words.batches.couldNotBeOpened(name), plainErrorOf(error));
  }
}

export async function saveSummary(
  controller: Controller,
  batchId: string,
  format: 'csv' | 'json',
): Promise<void> {
  try {
    const answer = await controller.connection.api.batches.saveSummary({ batchId, format });
    controller.tellSaved(words.batches.theSummary, answer);
  } catch (error) {
    notifyError(words.batches.theSummaryCouldNotBeWritten, plainErrorOf(error));
  }
}

/** A report of each image, as this person's reports look where nobody composed one of that image. */
export async function saveReports(
  controller: Controller,
  batchId: string,
  format: BatchReportFormat,
): Promise<void> {
  try {
    const report = startSettings(defaultReportSettings);
    const answer = await controller.connection.api.batches.saveReports({ batchId, format, report });
    // What becomes of a download, or of a cancelled one, the batch's own line says.
    if (answer.download !== null) controller.download(answer.download);
    else controller.tellSaved(words.batches.theReports, answer);
  } catch (error) {
    notifyError(words.batches.theReportsCouldNotBeWritten, plainErrorOf(error));
  }
}
