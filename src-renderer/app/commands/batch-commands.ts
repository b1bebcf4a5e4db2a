/** Batches: the one that is open, its images, the one that is being put together, and those at home. */
import type { BatchItem } from '../../../src-main/contract/batch.ts';
import {
  actOnBatch,
  actOnItem,
  browseForBatch,
  openBatchItem,
  pickForBatch,
  removeBatch,
  saveReports,
  saveSummary,
  showBatch,
  type BatchAct,
} from '../../batches/batch-actions.ts';
import { batchActions, batchLine, itemActions, itemDetail, itemLabels } from '../../batches/batch-words.ts';
import { useApp } from '../../state/app-store.ts';
import { useBatches } from '../../state/batch-store.ts';
import type { Controller } from '../../state/controller.ts';
import { words } from '../../words/words.ts';
import { asking } from './asking.ts';
import type { Choice, Command } from './command.ts';

/** The batch on the screen. */
function shown() {
  return useApp.getState().screen.at === 'batch' ? useBatches.getState().open : null;
}

const isNew = () => useApp.getState().screen.at === 'new-batch';
const isNative = () => useApp.getState().info?.picker === 'native';

const acts: readonly { id: string; act: BatchAct; label: string }[] = [
  { id: 'pause-batch', act: 'pause', label: words.commands.pauseTheBatch },
  { id: 'resume-batch', act: 'resume', label: words.commands.goOnWithTheBatch },
  { id: 'retry-batch', act: 'retryFailed', label: words.commands.retryFailedImages },
  { id: 'cancel-batch', act: 'cancel', label: words.commands.cancelTheBatch },
  { id: 'cancel-reports', act: 'cancelReports', label: words.commands.cancelTheReports },
];

/** One of the images for which the act is allowed now. */
function onImage(
  id: string,
  label: string,
  isAllowed: (item: BatchItem) => boolean,
  act: (controller: Controller, batchId: string, item: BatchItem) => Promise<void>,
): Command {
  return asking({
    id,
    label,
    group: 'Batch',
    isEnabled: () => shown()?.items.some(isAllowed) === true,
    choices: (controller): Choice[] => {
      const open = shown();
      return (open?.items ?? []).filter(isAllowed).map((item) => ({
        id: String(item.index),
        label: item.name,
        hint: [itemLabels[item.state], itemDetail(item)].filter(Boolean).join(', '),
        run: () => act(controller, open?.batch.id ?? '', item),
      }));
    },
  });
}

/** One of all batches. */
function onBatch(
  id: string,
  label: string,
  isAllowed: (actions: ReturnType<typeof batchActions>) => boolean,
  go: (controller: Controller, batch: Parameters<typeof actOnBatch>[1]) => void | Promise<void>,
): Command {
  return asking({
    id,
    label,
    group: 'Batch',
    choices: async (controller): Promise<Choice[]> => {
      const { batches } = await controller.connection.api.batches.list();
      return batches
        .filter((batch) => isAllowed(batchActions(batch)))
        .map((batch) => ({
          id: batch.id,
          label: batch.name,
          hint: batchLine(batch),
          run: () => go(controller, batch),
        }));
    },
  });
}

export const batchCommands: readonly Command[] = [
  ...acts.map(({ id, act, label }): Command => ({
    id,
    label,
    group: 'Batch',
    keys: [],
    isEnabled: () => {
      const open = shown();
      return open !== null && batchActions(open.batch)[act];
    },
    run: (controller) => {
      const open = shown();
      return open === null ? undefined : actOnBatch(controller, open.batch, act);
    },
  })),
  ...(['csv', 'json'] as const).map((format): Command => ({
    id: `save-summary-${format}`,
    label: words.commands.saveTheSummaryAs(format.toUpperCase()),
    group: 'Batch',
    keys: [],
    isEnabled: () => shown() !== null,
    run: (controller) => {
      const open = shown();
      return open === null ? undefined : saveSummary(controller, open.batch.id, format);
    },
  })),
  ...(['pdf', 'html'] as const).map((format): Command => ({
    id: `save-reports-${format}`,
    label: words.commands.saveReportsAs(format.toUpperCase()),
    group: 'Batch',
    keys: [],
    isEnabled: () => {
      const open = shown();
      return open !== null && batchActions(open.batch).saveReports;
    },
    run: (controller) => {
      const open = shown();
      return open === null ? undefined : saveReports(controller, open.batch.id, format);
    },
  })),
  {
    id: 'remove-batch',
    label: words.commands.takeTheBatchOffTheList,
    group: 'Batch',
    keys: [],
    isEnabled: () => {
      const open = shown();
      return open !== null && batchActions(open.batch).remove;
    },
    run: (controller) => {
      const open = shown();
      return open === null ? undefined : removeBatch(controller, open.batch);
    },
  },
  onImage(
    'open-batch-image',
    words.commands.openAnImageOfTheBatch,
    () => true,
    (controller, batchId, { index, name }) => openBatchItem(controller, batchId, index, name),
  ),
  onImage(
    'pause-batch-image',
    words.commands.pauseAnImageOfTheBatch,
    (item) => itemActions(item).pause,
    (controller, batchId, { index }) => actOnItem(controller, batchId, index, 'pauseItem'),
  ),
  onImage(
    'resume-batch-image',
    words.commands.goOnWithAnImageOfTheBatch,
    (item) => itemActions(item).resume || itemActions(item).retry,
    (controller, batchId, { index }) => actOnItem(controller, batchId, index, 'resumeItem'),
  ),
  onImage(
    'cancel-batch-image',
    words.commands.cancelAnImageOfTheBatch,
    (item) => itemActions(item).cancel,
    (controller, batchId, { index }) => actOnItem(controller, batchId, index, 'cancelItem'),
  ),
  {
    id: 'add-batch-images',
    label: words.commands.addImagesToTheBatch,
    group: 'Batch',
    keys: [],
    isEnabled: isNew,
    run: (controller) => (isNative() ? pickForBatch(controller, 'images') : browseForBatch()),
  },
  {
    id: 'add-batch-folder',
    label: words.commands.addAFolderToTheBatch,
    group: 'Batch',
    keys: [],
    isEnabled: () => isNew() && isNative(),
    run: (controller) => pickForBatch(controller, 'folder'),
  },
  onBatch(
    'open-batch',
    words.commands.openABatch,
    () => true,
    (controller, { id }) => controller.goBackTo(() => showBatch(id)),
  ),
  onBatch(
    'go-on-batch',
    words.commands.goOnWithABatch,
    ({ resume }) => resume,
    async (controller, batch) => {
      await actOnBatch(controller, batch, 'resume');
      controller.goBackTo(() => showBatch(batch.id));
    },
  ),
];
