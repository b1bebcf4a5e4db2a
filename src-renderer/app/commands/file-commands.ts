/** Opening, and the ways back. */
import { showBatch, showNewBatch } from '../../batches/batch-actions.ts';
import { chooseModelFile } from '../../runs/choose-model-file.ts';
import { useApp } from '../../state/app-store.ts';
import { useBatches } from '../../state/batch-store.ts';
import { chooseFile } from '../choose-file.ts';
import type { Command } from './command.ts';
import { words } from '../../words/words.ts';

export const fileCommands: readonly Command[] = [
  {
    id: 'open',
    label: words.app.openAnotherImage,
    group: 'Window',
    keys: ['mod+o'],
    run: (controller) => chooseFile(controller, 'image'),
  },
  {
    id: 'open-folder',
    label: words.app.openAFolderOfPicturesAsOne,
    group: 'Window',
    keys: [],
    isEnabled: () => useApp.getState().info?.picker === 'native',
    run: (controller) => chooseFile(controller, 'folder'),
  },
  {
    id: 'new-batch',
    label: words.app.analyseManyImagesInABatch,
    group: 'Window',
    keys: [],
    run: (controller) => showNewBatch(controller),
  },
  {
    id: 'add-model',
    label: words.app.addAModelFromAFile,
    group: 'Window',
    keys: [],
    run: (controller) => chooseModelFile(controller),
  },
  {
    id: 'batch',
    label: words.app.backToTheBatch,
    group: 'Window',
    keys: [],
    isEnabled: () => useBatches.getState().cameFrom !== null,
    run: (controller) => {
      const batchId = useBatches.getState().cameFrom;
      if (batchId !== null) controller.goBackTo(() => showBatch(batchId));
    },
  },
];
