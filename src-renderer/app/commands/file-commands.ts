/** Opening, and the ways back. */
import { showBatch, showNewBatch } from '../../batches/batch-actions.ts';
import { chooseModelFile } from '../../runs/choose-model-file.ts';
import { useApp } from '../../state/app-store.ts';
import { useCase } from '../../state/case-store.ts';
import { useBatches } from '../../state/batch-store.ts';
import { chooseFile, chooseImageOf } from '../choose-file.ts';
import { moment } from '../../ui/format.ts';
import { asking } from './asking.ts';
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
  asking({
    id: 'open-recent',
    label: words.commands.openARecentCase,
    group: 'Window',
    choices: async (controller) =>
      (await controller.connection.api.cases.recent()).map(({ fileId, imageName, name, modified }) => ({
        id: fileId,
        label: imageName,
        hint: `${name}, ${moment(modified)}`,
        run: () => controller.openFile(fileId, imageName),
      })),
  }),
  {
    id: 'locate-image',
    label: words.app.locateTheImage,
    group: 'Window',
    keys: [],
    writes: true,
    isEnabled: () => useCase.getState().caseView !== null,
    run: (controller) => {
      const { caseView } = useCase.getState();
      return caseView === null ? undefined : chooseImageOf(controller, { caseId: caseView.id });
    },
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
