/** Opening, and the ways back. */
import { showBatch } from '../../batches/batch-actions.ts';
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
