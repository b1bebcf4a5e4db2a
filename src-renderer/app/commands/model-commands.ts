/** The models in the list: choosing one, and taking one off. */
import { keyOf } from '../../runs/model-key.ts';
import { misfits, taskWords } from '../../runs/model-fit.ts';
import { useApp } from '../../state/app-store.ts';
import { useCase } from '../../state/case-store.ts';
import { useView } from '../../state/view-store.ts';
import { words } from '../../words/words.ts';
import { asking } from './asking.ts';
import type { Command } from './command.ts';

export const modelCommands: readonly Command[] = [
  asking({
    id: 'use-model',
    writes: true,
    label: words.commands.analyseWithAModel,
    group: 'Run',
    choices: () => {
      const { models, caseView } = useCase.getState();
      return (models ?? []).map((card) => ({
        id: keyOf(card),
        label: card.manifest.name,
        hint:
          (caseView === null ? [] : misfits(card.manifest, caseView.image))[0] ??
          taskWords(card.manifest.task),
        run: () => {
          useApp.setState({ chosenModel: keyOf(card) });
          useView.getState().set({ choosingModel: true, tab: 'run' });
        },
      }));
    },
  }),
  asking({
    id: 'forget-model',
    label: words.commands.takeAModelOffTheList,
    group: 'Window',
    isEnabled: () => useCase.getState().models?.some(({ fileId }) => fileId !== undefined) === true,
    choices: (controller) =>
      (useCase.getState().models ?? []).flatMap(({ manifest, fileId }) =>
        fileId === undefined
          ? []
          : [{ id: fileId, label: manifest.name, run: () => controller.forgetModel(fileId) }],
      ),
  }),
];
